import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const scripts = globSync('server/**/*.lua');

test('there are scripts', () => {
  expect(scripts.length).toBeGreaterThan(10);
});

// The Lua of js-redis-server cuts what goes through %d to 32 bits: instants became 2147483647 where no Redis is installed.
test.each(scripts)('%s formats whole numbers as floats without a fraction', (script) => {
  expect(readFileSync(script, 'utf8')).not.toMatch(/format\('[^']*%\d*[di]/);
});
