import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** An annotation as Grafana's API gives it. */
export interface KeptAnnotation {
  readonly id: number;
  time: number;
  timeEnd: number;
  tags: readonly string[];
  text: string;
}

/** How it answers the next requests instead of doing its work. */
export type Trouble =
  | { readonly kind: "none" }
  | { readonly kind: "status"; readonly status: number }
  /** It takes the request, and answers late, or never. */
  | { readonly kind: "slow" }
  /** It does what it is asked to, and the answer is lost; of one method only, or of all. */
  | { readonly kind: "mute"; readonly method?: string };

/**
 * A server that answers as the annotations API of Grafana is documented: a service account's token,
 * `GET` with all of the tags in a stretch of time, `POST`, `PATCH`.
 * https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/api-legacy/annotations/
 */
export interface FakeGrafana extends AsyncDisposable {
  readonly url: string;
  readonly annotations: KeptAnnotation[];
  /** Method and path of every request. */
  readonly asked: string[];
  trouble: Trouble;
}

export async function startGrafana(token: string): Promise<FakeGrafana> {
  const annotations: KeptAnnotation[] = [];
  const asked: string[] = [];
  const state: { trouble: Trouble } = { trouble: { kind: "none" } };
  const server = createServer(async (request, response) => {
    const { method = "", url = "" } = request;
    const { pathname, searchParams } = new URL(url, "http://grafana");
    asked.push(`${method} ${pathname}`);
    const body = await bodyOf(request);
    const { trouble } = state;
    if (trouble.kind === "slow") return;
    const [status, answer] =
      trouble.kind === "status"
        ? [trouble.status, { message: "trouble" }]
        : request.headers.authorization !== `Bearer ${token}`
          ? [401, { message: "Invalid API key" }]
          : answerTo(annotations, `${method} ${pathname}`, searchParams, body);
    if (trouble.kind === "mute" && (trouble.method ?? method) === method) return void response.destroy();
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    annotations,
    asked,
    get trouble() {
      return state.trouble;
    },
    set trouble(trouble) {
      state.trouble = trouble;
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Body = Partial<Pick<KeptAnnotation, "time" | "timeEnd" | "tags" | "text">>;

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}

function answerTo(
  annotations: KeptAnnotation[],
  what: string,
  query: URLSearchParams,
  body: Body,
): readonly [number, unknown] {
  if (what === "GET /api/annotations") {
    const tags = query.getAll("tags");
    const fromMs = Number(query.get("from"));
    const toMs = Number(query.get("to"));
    const found = annotations.filter(
      (one) => one.time <= toMs && one.timeEnd >= fromMs && tags.every((tag) => one.tags.includes(tag)),
    );
    return [200, found.slice(0, Number(query.get("limit") ?? 100))];
  }
  if (JSON.stringify(body.tags ?? []).length > 500) return [500, { message: "tags length exceeds the maximum" }];
  if (what === "POST /api/annotations") {
    if (!body.text) return [400, { message: "Bad request: text field should not be empty" }];
    const id = annotations.length + 1;
    const { time = 0, timeEnd = time, tags = [], text } = body;
    annotations.push({ id, time, timeEnd, tags, text });
    return [200, { message: "Annotation added", id }];
  }
  const one = annotations.find(({ id }) => what === `PATCH /api/annotations/${id}`);
  if (one === undefined) return [404, { message: "Could not find annotation to update" }];
  Object.assign(one, body);
  return [200, { message: "Annotation patched" }];
}
