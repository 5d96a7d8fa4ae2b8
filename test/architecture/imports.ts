import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** Files by their path in the project, each with the project's files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Reads what every source file at the top and below the given folders imports, types and dynamic imports included. */
export function readImports(project: string, folders: readonly string[]): ImportGraph {
  const top = readdirSync(project);
  const below = folders
    .filter((folder) => top.includes(folder))
    .flatMap((folder) =>
      readdirSync(posix.join(project, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        posix.join(folder, name.replaceAll('\\', '/')),
      ),
    );
  const sources = [...top, ...below].filter((file) => /\.[cm]?[jt]s$/.test(file)).sort();
  return new Map(sources.map((file) => [file, importsOf(file, readFileSync(posix.join(project, file), 'utf8'))]));
}

/** The project's files that the text of one imports, as TypeScript itself reads it: no match in a comment or string. */
export function importsOf(file: string, text: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(file), name));
}
