import { expect, test } from "vitest";
import { teamBook } from "../../../src/app/policies/teams.ts";
import { readTeamPolicy } from "../../../src/config/policy/team-policy.ts";
import type { PolicyText, TeamBounds } from "../../../src/core/model/team-policy.ts";
import { policyText, SOUND, teamBounds } from "../../support/teams.ts";

/** A book that counts what it reads. */
function counting(first: TeamBounds | null) {
  let bounds = first;
  const read: string[] = [];
  const book = teamBook(
    () => bounds,
    (text: PolicyText) => {
      read.push(`${text.namespace}/${text.name}`);
      return readTeamPolicy(text, bounds ?? teamBounds(), "UTC");
    },
  );
  return {
    book,
    read,
    names: () => book.now().sound.map(({ policy }) => policy.name),
    rebound(next: TeamBounds | null) {
      bounds = next;
      book.reread();
    },
  };
}

test("a text that stays the same is read once, however often others change", () => {
  const { book, read, names } = counting(teamBounds({ namespaces: ["shop", "bank"] }));
  book.see("bank", { texts: [policyText("loans", SOUND, { namespace: "bank" })] });
  for (const share of [0.1, 0.2, 0.3]) {
    book.see("shop", { texts: [policyText("orders", `${SOUND}# ${share}\n`), policyText("carts", SOUND)] });
    expect(names()).toEqual(["shop.orders", "shop.carts", "bank.loans"]);
  }
  expect(read.filter((one) => one !== "shop/orders")).toEqual(["shop/carts", "bank/loans"]);
  expect(read.filter((one) => one === "shop/orders")).toHaveLength(3);
});

test("other bounds are other answers: everything is read again", () => {
  const { book, rebound } = counting(teamBounds());
  book.see("shop", { texts: [policyText("orders", SOUND)] });
  expect(book.now().sound[0]?.policy.mode).toBe("inject");
  rebound(teamBounds({ mode: "sham" }));
  expect(book.now().sound[0]?.policy.mode).toBe("sham");
});

test("of a namespace that is not followed any more nothing holds, also when it comes back", () => {
  const { book, names } = counting(teamBounds());
  book.see("shop", { texts: [policyText("orders", SOUND)] });
  expect(names()).toEqual(["shop.orders"]);
  book.forget("shop");
  expect(names()).toEqual([]);
  book.see("shop", { texts: [policyText("orders", SOUND)] });
  expect(names()).toEqual(["shop.orders"]);
});
