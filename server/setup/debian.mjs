import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.mjs';
import { SetupError, step } from './say.mjs';

/** Whether this is Debian or something made of it. */
export const isDebian = () => onPath('apt-get') && onPath('dpkg-query');

/**
 * Installs Debian packages that are missing. Only root can; anybody else is told the command.
 *
 * @param {string[]} packages
 * @param {string} purpose what they are for, as in "the tests"
 */
export async function ensureDebianPackages(packages, purpose) {
  const missing = missingDebianPackages(packages);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `Packages are missing for ${purpose}; install them with: sudo apt-get update && sudo apt-get install ${missing.join(' ')}`,
    );
  }
  await step(`installing Debian packages for ${purpose}: ${missing.join(' ')}`, () => aptGetInstall(missing));
}

/** @param {string[]} packages */
function missingDebianPackages(packages) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages], {
    encoding: 'utf8',
  });
  return packages.filter((name) => !stdout.includes(`${name} installed\n`));
}

/** @param {string[]} packages */
async function aptGetInstall(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // Another set-up on this machine may be installing too.
  const patient = ['-o', 'DPkg::Lock::Timeout=600', '-q', '-y'];
  const install = () => run('apt-get', [...patient, 'install', '--no-install-recommends', ...packages], { env });
  try {
    await install();
  } catch {
    // An installation that was killed has left packages half unpacked, and dpkg does nothing before they are finished.
    await run('dpkg', ['--configure', '-a'], { env });
    // A fresh machine has no package lists, an old one has lists of versions that are gone.
    await run('apt-get', [...patient, 'update'], { env });
    await install();
  }
}

/** @param {string} program @returns {boolean} */
export function onPath(program) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
