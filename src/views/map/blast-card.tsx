import type { FC } from "hono/jsx";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { Card, ServiceLink } from "../parts.tsx";
import { blastLooks } from "./blast.ts";
import { LOOKS, MapDrawing, MapLegend } from "./draw.tsx";
import type { ServiceGraph } from "./graph.ts";
import type { Placed } from "./layout.ts";

export interface BlastDrawing {
  readonly graph: ServiceGraph;
  readonly placed: Placed;
}

/** Who was hit, whom it reached, and who took no notice; a table behind the drawing. */
export const BlastCard: FC<{ state: ExperimentState; blast: BlastDrawing }> = ({ state, blast }) => (
  <Card title="Blast radius" note="who called whom before it, and how each came out of it">
    <MapDrawing {...blast} label="Who was hit, and whom it reached" />
    <MapLegend graph={blast.graph} />
    <details>
      <summary>As a table</summary>
      <table>
        <thead>
          <tr>
            <th>Service</th>
            <th>How it came out</th>
          </tr>
        </thead>
        <tbody>
          {[...blastLooks(state)].map(([service, look]) => (
            <tr>
              <td>
                <ServiceLink service={service} />
              </td>
              <td>{LOOKS[look].word}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  </Card>
);
