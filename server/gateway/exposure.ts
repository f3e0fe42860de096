import { SpanStatusCode, trace } from '@opentelemetry/api';
import { Counter, Histogram } from 'prom-client';
import { AppError, describeError } from '../../shared/errors.ts';
import { parseInput } from '../../shared/parse-input.ts';
import type { Reply } from '../../shared/protocol/define.ts';
import { commands, type CommandName, type Input, type Output } from '../../shared/protocol/index.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Call, Viewer } from './call.ts';
import type { FloodLimit } from './flood-limit.ts';
import type { Relations, Rule } from './policy.ts';
import type { Understand } from './understand-error.ts';

/** `relations`: what the viewer is to the object by which the rule let them in, so that nobody asks for it twice. */
export type Handle<E extends CommandName, V> = (
  viewer: V,
  input: Input<E>,
  call: Call,
  relations: ReadonlySet<string>,
) => Promise<Output<E>>;
export type Exposure = ReturnType<typeof createExposure>;

type AnyHandle = (
  viewer: Viewer | null,
  input: unknown,
  call: Call,
  relations: ReadonlySet<string>,
) => Promise<unknown>;
type Needs = {
  policy: Readonly<Record<CommandName, Rule>>;
  relations: Relations;
  floodLimit: FloodLimit;
  understand: Understand;
  metrics: Metrics;
};

/**
 * The one path of a command, whichever way it came in: limit, parse, rule, run, answer. The only try/catch on it.
 *
 * A handler returns its output or throws; it never sees the ack or the response, and can't answer twice.
 */
export function createExposure({ policy, relations, floodLimit, understand, metrics }: Needs) {
  const handlers = new Map<string, AnyHandle>();
  const measure = createMeasure(metrics);

  return {
    /** Registers the handler of a command that needs a session. */
    expose<E extends CommandName>(name: E, handle: Handle<E, Viewer>): void {
      if (policy[name].includes('anyone')) throw new Error(`${name} is open to anyone: use exposeOpen`);
      register(name, handle as AnyHandle);
    },
    /** Registers the handler of a command that anyone may run; the viewer is null without a session. */
    exposeOpen<E extends CommandName>(name: E, handle: Handle<E, Viewer | null>): void {
      if (!policy[name].includes('anyone')) throw new Error(`${name} needs a session: use expose`);
      register(name, handle as AnyHandle);
    },
    /** Names that no feature has registered; a composition root refuses to start with any. */
    missing: (): string[] => Object.keys(commands).filter((name) => !handlers.has(name)),

    async run(name: string, viewer: Viewer | null, rawInput: unknown, call: Call): Promise<Reply<unknown>> {
      const startedMs = performance.now();
      const known = handlers.has(name) ? name : 'unknown';
      const reply = await traced(known, call, () => answer(name, viewer, rawInput, call));
      measure(known, reply, performance.now() - startedMs);
      return reply;
    },
  };

  function register(name: CommandName, handle: AnyHandle): void {
    if (handlers.has(name)) throw new Error(`${name} is registered twice`);
    handlers.set(name, handle);
  }

  async function answer(name: string, viewer: Viewer | null, rawInput: unknown, call: Call): Promise<Reply<unknown>> {
    try {
      floodLimit.take(viewer?.personId ?? call.network);
      const handle = handlers.get(name);
      if (!handle) throw new AppError('UNKNOWN_COMMAND', `There is no command ${name.slice(0, 60)}.`);
      const input = parseInput(commands[name as CommandName].input, rawInput ?? {}) as Record<string, unknown>;
      const held = await relations.check(policy[name as CommandName], viewer, input, call.network);
      return { ok: true, data: await handle(viewer, input, call, held) };
    } catch (error) {
      const known = understand(error, { command: name, requestId: call.requestId });
      return { ok: false, error: describeError(known ?? error) };
    }
  }
}

const tracer = trace.getTracer('nightmarket');

/** One span a command. Without an OpenTelemetry SDK in the process (an opt-in preload) this does nothing. */
function traced(name: string, { requestId }: Call, run: () => Promise<Reply<unknown>>): Promise<Reply<unknown>> {
  return tracer.startActiveSpan(name, { attributes: { 'nightmarket.request_id': requestId } }, async (span) => {
    const reply = await run();
    if (!reply.ok) span.setStatus({ code: SpanStatusCode.ERROR, message: reply.error.code });
    span.end();
    return reply;
  });
}

function createMeasure(metrics: Metrics) {
  const answers = new Counter({
    name: 'nightmarket_commands_total',
    help: 'Commands answered, by name and error code (ok when none).',
    labelNames: ['command', 'code'],
    registers: [metrics],
  });
  const seconds = new Histogram({
    name: 'nightmarket_command_seconds',
    help: 'From arrival to answer.',
    labelNames: ['command'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [metrics],
  });
  return (command: string, reply: Reply<unknown>, elapsedMs: number): void => {
    answers.inc({ command, code: reply.ok ? 'ok' : reply.error.code });
    seconds.observe({ command }, elapsedMs / 1_000);
  };
}
