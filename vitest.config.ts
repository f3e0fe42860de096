import { defineConfig } from 'vitest/config';
import { LoadTestsFirst } from './test/support/load-tests-first.ts';

const everywhere = ['test', 'server', 'shared', 'media', 'web', 'load-tests'].map((folder) => `${folder}/**/*.test.ts`);

/**
 * Files that try rules alone: nothing that they load is open, is counted or belongs to the whole process, and no clock is replaced. They share
 * processes, because a process of its own takes each of them longer than its tests.
 */
const rulesAlone = [
  'web/**/*.test.ts',
  'test/chat/{links,word-filter}.test.ts',
  'test/client/{log-reader,media-session,requests,server-clock}.test.ts',
  'test/config/config.test.ts',
  'test/fan-club/fans-door.test.ts',
  'test/gateway/{fair-turns,flood-limit,http-input,network,origins,protocol-page,texts}.test.ts',
  'test/giveaway/parts.test.ts',
  'test/identity/access-tokens.test.ts',
  'test/orders/refund-plan.test.ts',
  'test/platform/turns.test.ts',
  'test/program/start-sentence.test.ts',
  'test/raffle/{fairness,parts,receipt,vectors,verify-draw}.test.ts',
  'test/room-log/{aggregate-queue,feed,history-checker,member}.test.ts',
  'test/sale/group-commit.test.ts',
  'test/setup/content-hash.test.ts',
  'test/static/lua.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    // PostgreSQL, Redis, the media worker and a browser run beside the tests: a third file at once was tried on two cores, and took as long.
    maxWorkers: 2,
    sequence: { sequencer: LoadTestsFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest's one second is shorter than a busy machine takes.
    expect: { poll: { timeout: 20_000 } },
    // A test that passes at the second try hides something: `npm test` names it (docs/decisions/0082).
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: everywhere,
          exclude: ['**/node_modules/**', ...rulesAlone],
          globalSetup: 'test/support/global-setup.ts',
          setupFiles: 'test/support/set-up-of-parts.ts',
          // Loaded by Node as the server is, which keeps what it compiled; vitest's own way takes an application twice as long.
          experimental: { viteModuleRunner: false, nodeLoader: false },
        },
      },
      {
        extends: true,
        test: { name: 'rules', include: rulesAlone, setupFiles: 'test/support/leak-check.ts', isolate: false },
      },
    ],
  },
});
