import { parseSync, type Statement, type VariableDeclarator, Visitor } from "oxc-parser";
import type { SourceFile } from "./source.ts";

/** What a reader keeps apart by position alone; more are one object with names. */
const MOST_ARGUMENTS = 5;

/** Functions, methods and signatures with more positional arguments than that: a sentence each. */
export function longArgumentLists({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const count = ({ params, start }: { readonly params: readonly unknown[]; readonly start: number }): void => {
    const line = text.slice(0, start).split("\n").length;
    if (params.length > MOST_ARGUMENTS) found.push(`${path}:${line} takes ${params.length} arguments`);
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
