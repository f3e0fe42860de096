import { expect, test } from 'vitest';
import { missingPackages } from '../../server/setup/dependencies.mjs';

const wanted = {
  packages: {
    '': {},
    'node_modules/express': { version: '5.3.0' },
    'node_modules/tool/node_modules/express': { version: '4.0.0' },
    'node_modules/only-on-darwin': { version: '1.0.0', optional: true },
    'node_modules/only-on-darwin-for-tests': { version: '1.0.0', devOptional: true },
  },
};

test('nothing is missing when every package is there in its version, optional ones aside', () => {
  const installed = {
    packages: {
      'node_modules/express': { version: '5.3.0' },
      'node_modules/tool/node_modules/express': { version: '4.0.0' },
    },
  };

  expect(missingPackages(wanted, installed)).toEqual([]);
});

test('an optional package made for this machine is wanted: the pinned Node is one', () => {
  const { platform, arch } = process;
  const node = { version: '24.21.0', optional: true, os: [platform], cpu: [arch] };
  const foreign = { version: '24.21.0', optional: true, os: ['aix'], cpu: [arch] };
  const packages = { 'node_modules/node-here': node, 'node_modules/node-there': foreign };

  expect(missingPackages({ packages }, { packages: {} })).toEqual(['node_modules/node-here']);
});

test('names packages that are absent or of another version', () => {
  const installed = { packages: { 'node_modules/express': { version: '5.2.9' } } };

  expect(missingPackages(wanted, installed)).toEqual([
    'node_modules/express',
    'node_modules/tool/node_modules/express',
  ]);
});
