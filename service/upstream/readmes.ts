import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The README of one installed package. */
export type Readme = {
  /** Name of the package, with its scope. */
  readonly package: string;
  /** The first heading, else the package's name. */
  readonly title: string;
  /** The words without the marks of Markdown, in one line. */
  readonly text: string;
};

/** Characters of one README that are read: beyond it stand tables and change logs. */
const MAX_TEXT = 65_536;
/** Packages that are read, so that a large installation does not delay the start. */
const MAX_PACKAGES = 3_000;
/** Files that are open at once. */
const BATCH = 64;

/** The READMEs of the packages in a `node_modules` folder, sorted by name; packages inside packages are left out. */
export async function readReadmes(modules: string): Promise<Readme[]> {
  const names = (await packageNames(modules)).sort().slice(0, MAX_PACKAGES);
  const readmes: Readme[] = [];
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = await Promise.all(names.slice(start, start + BATCH).map((name) => readReadme(modules, name)));
    readmes.push(...batch.filter((readme) => readme !== undefined));
  }
  return readmes;
}

async function packageNames(modules: string): Promise<string[]> {
  const top = (await readdir(modules)).filter((name) => !name.startsWith('.'));
  const nested = await Promise.all(
    top.map(async (name) => {
      if (!name.startsWith('@')) return [name];
      return (await namesIn(join(modules, name))).map((inner) => `${name}/${inner}`);
    }),
  );
  return nested.flat();
}

async function readReadme(modules: string, name: string): Promise<Readme | undefined> {
  const file = (await namesIn(join(modules, name))).find((entry) => /^readme\.(md|markdown)$/i.test(entry));
  if (file === undefined) return undefined;
  const markdown = (await readFile(join(modules, name, file), 'utf8')).slice(0, MAX_TEXT);
  return { package: name, title: findTitle(markdown) ?? name, text: plainText(markdown) };
}

/** A plain file, or a package that is being replaced while this runs, has nothing to read in it. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENOENT') return [];
    throw error;
  }
}

function findTitle(text: string): string | undefined {
  const heading = /^#{1,2}\s+(.+)$/m.exec(text)?.[1] ?? /<h1[^>]*>([^<]+)</i.exec(text)?.[1];
  const plain = heading === undefined ? '' : plainText(heading);
  return plain === '' ? undefined : plain;
}

/** Markdown as one line of running text: no code fences, badges, links, tags or marks. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])/g, ' ')
    .replace(/\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/^\s*\[[^\]]+\]:.*$/gm, ' ')
    .replace(/<[^>]{1,500}>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/^\s*[-+]\s+/gm, ' ')
    .replace(/[*`#>|]+|~~|_{2,}|[-=]{3,}/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
