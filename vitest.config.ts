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
    // PostgreSQL, Redis, the media worker and a browser run beside the tests, and a file spends a third of its time waiting for them and for
    // clocks: on two cores a third file uses what the others leave, a fourth would only make all of them slow.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest's one second is shorter than a busy machine takes.
    expect: { poll: { timeout: 20_000 } },
    // A test that passes at the second try hides something: `npm test` names it (docs/decisions/0082).
    retry: 0,
  },
});
