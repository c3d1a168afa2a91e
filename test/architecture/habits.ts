import { parseSync, type Statement, type VariableDeclarator, Visitor } from "oxc-parser";
import type { SourceFile } from "./source.ts";

/** What a reader keeps apart by position alone; more are one object with names. */
const MOST_ARGUMENTS = 5;

/** Functions, methods and signatures with more positional arguments than that: a sentence each. */
export function longArgumentLists({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const count = ({ params, start }: { readonly params: readonly unknown[]; readonly start: number }): void => {
    if (params.length <= MOST_ARGUMENTS) return;
    const line = text.slice(0, start).split("\n").length;
    found.push(`${path}:${line} takes ${params.length} arguments`);
  };
  new Visitor({
    FunctionDeclaration: count,
    FunctionExpression: count,
    ArrowFunctionExpression: count,
    TSDeclareFunction: count,
    TSMethodSignature: count,
    TSCallSignatureDeclaration: count,
    TSFunctionType: count,
  }).visit(parseSync(path, text).program);
  return found;
}

/** A number with fewer digits is round: two places may have it by chance. */
const FEWEST_DIGITS = 4;
/** One number rounded in two ways differs by less than this, of its size. */
const SAME_NUMBER = 5e-4;

/**
 * Fractions that stand in more than one place, however they are rounded: a quantile of the normal
 * law or a constant of a statistic has one home and a name. A sentence each.
 */
export function repeatedFractions(files: readonly SourceFile[]): string[] {
  const seen: { readonly value: number; readonly at: string }[] = [];
  const found: string[] = [];
  for (const { path, text } of files) {
    new Visitor({
      Literal: ({ value, raw, start }) => {
        if (typeof value !== "number" || raw === null || !isLongFraction(raw)) return;
        const at = `${path}:${text.slice(0, start).split("\n").length}`;
        const first = seen.find((other) => Math.abs(other.value - value) < SAME_NUMBER * value);
        if (first === undefined) seen.push({ value, at });
        else found.push(`${at} has ${raw}, as ${first.at} has`);
      },
    }).visit(parseSync(path, text).program);
  }
  return found;
}

const isLongFraction = (raw: string): boolean =>
  /^[\d_]*\.\d+$/.test(raw) && raw.replaceAll(/[._]/g, "").replace(/^0+/, "").length >= FEWEST_DIGITS;

const COLLECTIONS = ["Map", "Set", "WeakMap", "WeakSet"];
const READ_ONLY = ["ReadonlyMap", "ReadonlySet"];

/**
 * Maps and sets that a file keeps for as long as the program runs, and that can be written to: what
 * one call leaves in them another finds. A sentence each.
 */
export function keptCollections({ path, text }: SourceFile): string[] {
  const declared = parseSync(path, text).program.body.flatMap(declaratorsOf);
  return declared.flatMap(({ id, init }) => {
    if (init?.type !== "NewExpression" || init.callee.type !== "Identifier") return [];
    if (!COLLECTIONS.includes(init.callee.name) || id.type !== "Identifier" || isReadOnly(id)) return [];
    return [`${path} keeps ${id.name}, which can be written to`];
  });
}

function declaratorsOf(statement: Statement): readonly VariableDeclarator[] {
  const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  return inner?.type === "VariableDeclaration" ? inner.declarations : [];
}

function isReadOnly({ typeAnnotation }: Extract<VariableDeclarator["id"], { type: "Identifier" }>): boolean {
  const type = typeAnnotation?.typeAnnotation;
  return (
    type?.type === "TSTypeReference" && type.typeName.type === "Identifier" && READ_ONLY.includes(type.typeName.name)
  );
}
