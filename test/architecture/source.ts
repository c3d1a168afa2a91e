import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/** One file of the project: its path from the top folder, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What the rules look at in one file. */
export interface Facts {
  /**
   * Module names as they are written, of static, dynamic and type-only imports and of re-exports.
   */
  readonly imports: readonly string[];
  /**
   * What is imported or re-exported from elsewhere and is more than a type, `module name`; for a
   * whole module the kind in place of the name.
   */
  readonly values: readonly string[];
  /** Those of the imports that are loaded when the code runs. */
  readonly lazyImports: readonly string[];
  /** Uses of time and chance that nobody handed in: `Date.now`, `new Date()`, … */
  readonly ambient: readonly string[];
  readonly defaultExport: boolean;
  readonly lines: number;
}

/** All TypeScript files under `folder` of the project at `root`. */
export function readSources(root: string, folder: string): SourceFile[] {
  const children = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return children
    .filter((child) => child.isFile() && /\.tsx?$/.test(child.name))
    .map((child) => join(child.parentPath, child.name))
    .map((path) => ({ path: relative(root, path).split(sep).join("/"), text: readFileSync(path, "utf8") }));
}

/** Reads one file with a real parser, so that comments and strings are never taken for code. */
export function factsOf({ path, text }: SourceFile): Facts {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const imports = [
    ...module.staticImports.map((found) => found.moduleRequest.value),
    ...module.staticExports.flatMap((found) => found.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  const values = [
    ...module.staticImports.flatMap(({ moduleRequest, entries }) =>
      (entries.length === 0 ? [{ isType: false, importName: { kind: "all" } }] : entries).map((entry) => ({
        ...entry,
        from: moduleRequest.value,
      })),
    ),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.moduleRequest === null ? [] : { ...entry, from: entry.moduleRequest.value })),
    ),
  ].flatMap(({ isType, importName, from }) => (isType ? [] : `${from} ${nameOf(importName)}`));
  const lazyImports: string[] = [];
  const ambient: string[] = [];
  new Visitor({
    ImportExpression: ({ source }) => {
      lazyImports.push(source.type === "Literal" ? String(source.value) : "a computed name");
    },
    TSImportType: ({ source }) => {
      imports.push(source.value);
    },
    MemberExpression: (node) => {
      if (node.object.type !== "Identifier") return;
      const property =
        node.property.type === "Literal"
          ? String(node.property.value)
          : "name" in node.property
            ? node.property.name
            : "";
      const name = `${node.object.name}.${property}`;
      if (["Date.now", "Math.random", "performance.now", "crypto.randomUUID", "crypto.getRandomValues"].includes(name))
        ambient.push(name);
    },
    NewExpression: ({ callee, arguments: given }) => {
      if (callee.type === "Identifier" && callee.name === "Date" && given.length === 0) ambient.push("new Date()");
    },
    CallExpression: ({ callee }) => {
      if (callee.type === "Identifier" && ["Date", "setTimeout", "setInterval"].includes(callee.name))
        ambient.push(`${callee.name}()`);
    },
  }).visit(program);
  const exported = module.staticExports.flatMap((found) => found.entries.map((entry) => entry.exportName));
  return {
    imports: [...new Set([...imports, ...lazyImports])],
    values,
    lazyImports,
    ambient: [...new Set(ambient)],
    defaultExport: exported.some(({ kind, name }) => kind === "Default" || name === "default"),
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
  };
}

const nameOf = ({ kind, name }: { readonly kind: string; readonly name?: string | null }): string => name ?? kind;
