import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'test/**/*.test.ts',
      'server/**/*.test.ts',
      'shared/**/*.test.ts',
      'media/**/*.test.ts',
      'web/**/*.test.ts',
      'load-tests/**/*.test.ts',
    ],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/leak-check.ts',
    pool: 'forks',
    // PostgreSQL, Redis, the media worker and a browser run beside the tests: a third file at once was tried on two cores, and took as long.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest's one second is shorter than a busy machine takes.
    expect: { poll: { timeout: 20_000 } },
    // A test that passes at the second try hides something: `npm test` names it (docs/decisions/0082).
    retry: 0,
  },
});
