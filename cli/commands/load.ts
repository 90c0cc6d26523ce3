import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { ChatError } from '../connection/index.ts';
import { EXPECTATION_HELP } from '../load/expectation.ts';
import type { Progress } from '../load/live/progress.ts';
import type { Scenario } from '../load/scenario.ts';
import { shippedScenarios } from '../load/shipped-scenarios.ts';
import { EXIT_STOPPED, EXIT_USAGE } from '../plain/exit-codes.ts';
import { LineWriter } from '../plain/line-writer.ts';
import { written } from '../terminal/line.ts';
import { printable } from '../terminal/printable.ts';
import { wholeNumber, withServer } from './options.ts';
import { messageOf, orExitCode } from './outcome.ts';
import { anybodysServerOf, type ServerFlags, serverFlags } from './security.ts';
import { type Surroundings, wantsColours } from './surroundings.ts';

const EXIT_BROKEN = 1;
/** As in sysexits.h. */
const EXIT_OWN_FAULT = 70;
const EXIT_CANNOT_WRITE = 73;
const LINE_EVERY_MS = 5_000;
const STANDARD_OUTPUT = '-';

/** The settings of a scenario have no defaults here: a file may have said something else. */
const SETTING_FLAGS: readonly (readonly [flag: string, words: string])[] = [
  ['--clients <n>', 'how many come (100)'],
  ['--rooms <n>', 'into how many rooms, one each (10)'],
  ['--senders <n>', 'of each room, so many speak; 0: nobody (1)'],
  ['--rate <per second>', 'open loop: messages a second of each sender, on a schedule (1)'],
  ['--window <n>', 'closed loop instead: messages that each sender keeps unanswered, at most 256'],
  ['--duration <time>', 'what is measured: 30s, 5m (30s)'],
  ['--warmup <time>', 'before it, under the same load (2s)'],
  ['--payload <min:max>', 'bytes of a message (64)'],
  ['--join-rate <per second>', 'how fast they come (1000)'],
  ['--churn <per second>', 'of all, so many leave and come back a second later'],
  ['--reconnect <per second>', 'of all, so many are cut off and resume'],
  ['--slow <n>', 'clients that read in fits and starts'],
  ['--frozen <n>', 'clients that stop reading'],
  ['--basic', 'clients that say no hello, as those of the Go ancestor'],
  ['--streams-per-connection <n>', 'streams on a transport (1)'],
  ['--workers <n>', 'threads of this tool (one less than the cores)'],
  ['--seed <n>', 'of what is chosen at random (1)'],
];

interface LoadFlags extends ServerFlags {
  readonly json?: string;
  readonly html?: string;
  readonly serverPid?: number;
  /** False with --no-color. */
  readonly color: boolean;
  readonly [setting: string]: unknown;
}

export function addLoad(program: Command, surroundings: Surroundings, ended: (exitCode: number) => void): void {
  const command = withServer(
    program
      .command('load')
      .description('Load a server with thousands of streams, and tell whether every event arrived, once and in order.')
      .argument('[scenario]', `a YAML file with the settings below, or one of ${shippedScenarios().join(', ')}`),
  );
  for (const [flag, words] of SETTING_FLAGS) command.option(flag, words);
  command
    .addOption(
      new Option('--expect <condition>', 'what must hold, such as p99<50ms; may be given several times').argParser(
        (one: string, before: string[] | undefined) => [...(before ?? []), one],
      ),
    )
    .option('--server-pid <pid>', 'the process of a server on this machine: tells its CPU time and memory', wholeNumber)
    .option('--json <file>', 'write the report to it as JSON; - is standard output')
    .option('--html <file>', 'write the report to it as a page with charts')
    .addHelpText(
      'after',
      `
Expectations:
  ${EXPECTATION_HELP.replaceAll('\n', '\n  ')}.
  Faults, errors and unseated must be 0 unless an expectation of the same says otherwise.

Examples:
  $ chat-client load --clients 1000 --rooms 50 --senders 2 --rate 5
  $ chat-client load --clients 200 --rooms 4 --window 64     # as fast as the server can
  $ chat-client load one-big-room --duration 10s --html report.html
  $ chat-client load --churn 20 --reconnect 20 --expect 'p99<50ms' --expect 'reconnect.p99<1s'
  $ chat-client load my.yaml --json - | jq .verdict
  $ chat-client load --ca certs/ca.pem --clients 500 --rooms 20

Ctrl+C ends the run early; the report tells what there is.
Exit codes: 0 all held, 1 something did not, 64 wrong usage or more than the server allows, 69 no server,
70 a fault of this tool, 73 cannot write a file, 77 refused, 130 stopped before anything was measured.`,
    )
    .action(async (name: string | undefined, flags: LoadFlags) => {
      ended(await orExitCode(surroundings, () => load(name, flags, surroundings)));
    });
}

async function load(name: string | undefined, flags: LoadFlags, surroundings: Surroundings): Promise<number> {
  const { output, stop, complain, client: tool } = surroundings;
  const { json, html, serverPid, color } = flags;
  const server = anybodysServerOf(flags, surroundings);
  if (typeof server === 'number') return server;
  let scenario: Scenario;
  try {
    scenario = await scenarioFrom(name, flags);
  } catch (error) {
    for (const line of messageOf(error).split('\n')) complain(printable(line));
    return EXIT_USAGE;
  }
  if (serverPid !== undefined && !isThere(serverPid)) {
    complain(`--server-pid ${serverPid}: there is no such process`);
    return EXIT_USAGE;
  }
  if (html === STANDARD_OUTPUT) {
    complain('--html needs a file');
    return EXIT_USAGE;
  }
  for (const file of [json, html]) {
    const why = file === undefined || file === STANDARD_OUTPUT ? undefined : whyNotWritable(file);
    if (why === undefined) continue;
    complain(printable(`cannot write ${file}: ${why}`));
    return EXIT_CANNOT_WRITE;
  }
  const isJsonAlone = json === STANDARD_OUTPUT;
  const { BeyondLimits, runLoad } = await import('../load/run/run.ts');
  const colours = wantsColours(surroundings, color);
  const live = isJsonAlone ? SILENT : await liveFor(surroundings, colours);
  const report = await runLoad({
    ...{ scenario, server, tool, serverPid, stop, progressed: live.draw },
    serverFlags: serverFlags(flags, server),
  })
    .catch((error: Error) => {
      if (error instanceof ChatError && !stop.aborted) throw error;
      return error;
    })
    .finally(live.close);
  if (report instanceof BeyondLimits) {
    complain('the server does not allow what is asked for:');
    for (const line of report.message.split('\n')) complain(printable(line));
    return EXIT_USAGE;
  }
  if (report instanceof ChatError) return EXIT_STOPPED;
  if (report instanceof Error) {
    complain(printable(`a fault of this tool: ${messageOf(report)}`));
    return EXIT_OWN_FAULT;
  }
  const asJson = JSON.stringify(report, undefined, 2);
  if (isJsonAlone) output.write(`${asJson}\n`);
  else {
    const { reportLines } = await import('../load/report/text/text.ts');
    const writer = new LineWriter(output, new AbortController().signal);
    for (const line of reportLines(report)) await writer.write(written(line, { colours }));
  }
  const { htmlOf } = await import('../load/report/html/html.ts');
  const files = [
    { file: isJsonAlone ? undefined : json, text: () => `${asJson}\n` },
    { file: html, text: () => htmlOf(report) },
  ];
  for (const { file, text } of files) {
    const why = file && whyItFails(() => writeFileSync(file, text()));
    if (!why) continue;
    complain(printable(`cannot write ${file}: ${why}`));
    return EXIT_CANNOT_WRITE;
  }
  if (report.isEndedEarly && report.measuredMs === 0) return EXIT_STOPPED;
  return report.verdict.holds ? 0 : EXIT_BROKEN;
}

/** What flags say goes before what the file says; a schedule in one place takes that of a window in the other. */
async function scenarioFrom(name: string | undefined, flags: LoadFlags): Promise<Scenario> {
  const { readScenarioFile } = await import('../load/scenario-file.ts');
  const { scenarioOf } = await import('../load/settings.ts');
  const file = name === undefined ? undefined : readScenarioFile(name);
  const given: Record<string, unknown> = {};
  for (const setting of [...SETTING_FLAGS.map(([flag]) => flag.slice(2).split(' ')[0] ?? ''), 'expect']) {
    const value = flags[setting.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value !== undefined) given[setting] = value;
  }
  const settings: Record<string, unknown> = { ...file?.settings };
  if (given['rate'] !== undefined || given['window'] !== undefined) {
    delete settings['rate'];
    delete settings['window'];
  }
  return scenarioOf(file?.name ?? 'flags', { ...settings, ...given });
}

interface Live {
  readonly draw: (progress: Progress) => void;
  readonly close: () => void;
}

const SILENT: Live = { draw: () => {}, close: () => {} };

async function liveFor({ output, input, environment, setVariable }: Surroundings, colours: boolean): Promise<Live> {
  if (output.isTTY !== true || environment['TERM'] === 'dumb') return await lines(output);
  // React is many times slower in its other mode.
  setVariable('NODE_ENV', 'production');
  const { showLive } = await import('../load/live/screen.tsx');
  const screen = showLive({ output, input, colours });
  return { draw: (progress) => screen.draw(progress), close: () => screen.close() };
}

/** A line every few seconds, and one for each phase. */
async function lines(output: Surroundings['output']): Promise<Live> {
  const { progressLine } = await import('../load/live/line.ts');
  let last: { readonly phase: string; readonly atMs: number } | undefined;
  const draw = (progress: Progress) => {
    const { phase, elapsedMs } = progress;
    if (phase === last?.phase && elapsedMs - last.atMs < LINE_EVERY_MS) return;
    last = { phase, atMs: elapsedMs };
    output.write(`${progressLine(progress)}\n`);
  };
  return { draw, close: () => {} };
}

/** Before a long run and not after it. */
function whyNotWritable(file: string): string | undefined {
  return whyItFails(() => accessSync(existsSync(file) ? file : dirname(file), constants.W_OK));
}

function whyItFails(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? messageOf(error);
  }
}

function isThere(pid: number): boolean {
  return whyItFails(() => process.kill(pid, 0)) !== 'ESRCH';
}
