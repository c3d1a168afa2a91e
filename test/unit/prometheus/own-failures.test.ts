import { describe, expect, test } from "vitest";
import { isFailure, type Labels } from "../../../src/adapters/prometheus/signals/classify.ts";
import { ownTerms, withOwnFailures } from "../../../src/adapters/prometheus/signals/own-failures.ts";
import { istioSignals } from "../../integration/prometheus/mesh.ts";

const CART = { destination_service_namespace: "shop", destination_service_name: "cart" };
const WEB = { destination_service_namespace: "shop", destination_service_name: "web" };
const signals = withOwnFailures(istioSignals(), {
  "shop/cart": {
    any: [
      { label: "response_code", matches: "5..|429" },
      { label: "grpc_response_status", matches: "8|14" },
    ],
    except: [{ label: "response_code", matches: "501" }],
  },
  "shop/stock": { exceptFlags: [] },
});

describe("a service's own table of failures", () => {
  test.each([
    { name: "a code that only its table has", labels: { ...CART, response_code: "429" }, failed: true },
    { name: "a code that only its table leaves out", labels: { ...CART, response_code: "501" }, failed: false },
    { name: "a code that its table does not have", labels: { ...CART, response_code: "0" }, failed: false },
    {
      name: "a flag of the signals file",
      labels: { ...CART, response_code: "503", response_flags: "UF,DC" },
      failed: false,
    },
    { name: "the same code of another service", labels: { ...WEB, response_code: "429" }, failed: false },
    { name: "another service's general code", labels: { ...WEB, response_code: "501" }, failed: true },
    {
      name: "flags alone, of a table that leaves the codes as they are",
      labels: { ...CART, destination_service_name: "stock", response_code: "0", response_flags: "DC" },
      failed: true,
    },
  ])("$name", ({ labels, failed }) => expect(isFailure(labels, signals)).toBe(failed));

  test("history is asked for the same requests, each by one query", () => {
    const [cart, stock, ...more] = ownTerms(signals);
    expect(more).toEqual([]);
    expect(cart?.services).toEqual(new Set(["shop/cart"]));
    expect(stock?.services).toEqual(new Set(["shop/stock"]));
    const codes = ["200", "429", "499", "500", "501", "503", "0", undefined];
    const statuses = ["0", "1", "8", "14", undefined];
    for (const response_code of codes) {
      for (const grpc_response_status of statuses) {
        for (const response_flags of ["-", "DC", "UF", "UF,DR", "DR,UF", undefined]) {
          for (const [own, service] of [
            [cart, "cart"],
            [stock, "stock"],
          ] as const) {
            const labels = Object.fromEntries(
              Object.entries({
                ...CART,
                destination_service_name: service,
                response_code,
                grpc_response_status,
                response_flags,
              }).filter(([, value]) => value !== undefined),
            ) as Labels;
            const asked = own?.terms.filter((term) => term.every((matcher) => holds(matcher, labels)));
            expect(asked).toHaveLength(isFailure(labels, signals) ? 1 : 0);
          }
        }
      }
    }
  });

  test("without any, signals are what the file says", () => {
    const plain = istioSignals();
    expect(withOwnFailures(plain, {})).toBe(plain);
    expect(ownTerms(plain)).toEqual([]);
  });
});

/** Whether labels fit `name=~"…"` or `name!~"…"`, as Prometheus sees it. */
function holds(matcher: string, labels: Labels): boolean {
  const [, name = "", sign, pattern = ""] = /^(\w+)(=~|!~)"(.*)"$/.exec(matcher) ?? [];
  return new RegExp(`^(?:${pattern})$`).test(labels[name] ?? "") === (sign === "=~");
}
