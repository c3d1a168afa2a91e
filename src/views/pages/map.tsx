import type { FC } from "hono/jsx";
import type { ServiceCall } from "../../core/model/service-call.ts";
import { counted } from "../../core/text/format.ts";
import type { KnownCalls, WebStatus } from "../data.ts";
import { Page } from "../layout.tsx";
import { type PageOf, queryOf } from "../lists/paging.ts";
import { MapDrawing, MapLegend, rateText } from "../map/draw.tsx";
import type { ServiceGraph } from "../map/graph.ts";
import type { Placed } from "../map/layout.ts";
import { Pager } from "../pager.tsx";
import { Card, Empty, ServiceLink } from "../parts.tsx";

export interface MapProps {
  readonly status: WebStatus;
  readonly known: KnownCalls;
  readonly graph: ServiceGraph;
  readonly placed: Placed;
  /** The family that is opened, or null. */
  readonly family: string | null;
  readonly shown: PageOf<ServiceCall>;
}

/** Who calls whom, and how each service came out of its last experiment. */
export const MapPage: FC<MapProps> = ({ status, known, graph, placed, family, shown }) => (
  <Page title="Service map" status={status} here="/map">
    <div class="stack">
      <div>
        {family === null ? null : (
          <p class="crumbs">
            <a href="/map">Service map</a> / {family}
          </p>
        )}
        <h1>{family === null ? "Service map" : family}</h1>
        <p class="lead">
          Who called whom in the last day, as the mesh saw it, and what the last experiment said of each service.
        </p>
      </div>
      <Card title={titleOf(graph)}>
        {known.unread === null ? null : (
          <p role="alert">
            <b>The call graph is not known now</b> {known.unread}
          </p>
        )}
        {graph.nodes.length === 0 ? (
          <Empty>No call was seen.</Empty>
        ) : (
          <>
            <MapDrawing graph={graph} placed={placed} label="Services and their calls" />
            <MapLegend graph={graph} />
          </>
        )}
      </Card>
      <Card title={counted(shown.total, "call")} note="busiest first">
        {shown.items.length === 0 ? <Empty>None.</Empty> : <CallTable calls={shown.items} />}
        <Pager page={shown} address={(page) => `/map${queryOf({ family: family ?? undefined, page })}`} />
      </Card>
    </div>
  </Page>
);

function titleOf({ nodes }: ServiceGraph): string {
  const families = nodes.filter(({ size }) => size !== null).length;
  const services = counted(nodes.length - families, "service");
  if (families === 0) return services;
  return families === nodes.length ? `${families} families of services` : `${services}, and ${families} families`;
}

/** The same as a table, for those who do not see the drawing. */
export const CallTable: FC<{ calls: readonly ServiceCall[] }> = ({ calls }) => (
  <table class="fold">
    <thead>
      <tr>
        <th>Caller</th>
        <th>Called</th>
        <th>Protocol</th>
        <th class="num">How much</th>
      </tr>
    </thead>
    <tbody>
      {calls.map(({ caller, callee, protocol, perSecond }) => (
        <tr>
          <td>
            <ServiceLink service={caller} />
          </td>
          <td>
            <ServiceLink service={callee} />
          </td>
          <td>{protocol === "tcp" ? "TCP" : "HTTP"}</td>
          <td class="num">{rateText({ tcp: protocol === "tcp", perSecond })}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
