import type { ServerAccess } from '../../connection/index.ts';
import type { Report, ServerProcess } from '../report/report.ts';
import type { Scenario } from '../scenario.ts';
import { commandOf, type Flag } from './command.ts';
import type { Ledger } from './ledger.ts';
import { machine } from './machine.ts';
import { toolLimit } from './tool-limit.ts';
import type { Usages } from './usage.ts';
import { verdictOf } from './verdict.ts';

/** What is known of a run beside what the workers told. */
export interface RunFacts {
  readonly scenario: Scenario;
  readonly server: ServerAccess;
  readonly serverFlags: readonly Flag[];
  readonly tool: string;
  readonly serverPid: number | undefined;
  readonly startedAt: string;
  readonly isEndedEarly: boolean;
  /** Clients that should have been seated when all was judged. */
  readonly unseated: number;
}

export function reportOf(facts: RunFacts, ledger: Ledger, usages: Usages): Report {
  const { scenario, server, serverFlags, tool, startedAt, isEndedEarly, unseated } = facts;
  const lag = ledger.lag();
  const busiestWorker = ledger.busiest;
  const delivery = { p99: ledger.latencyAt('delivery', 99), max: ledger.latencyAt('delivery', 100) };
  const toolWasLimit = toolLimit({ busiestWorker, lag, delivery });
  return {
    format: 1,
    tool,
    command: commandOf(scenario, serverFlags),
    scenario,
    server: `${server.host}:${server.port}`,
    startedAt,
    machine: machine(),
    isEndedEarly,
    measuredMs: ledger.measuredMs,
    verdict: verdictOf(scenario.expectations, ledger, unseated),
    faults: ledger.faults(),
    counts: ledger.counts(),
    latencies: ledger.latencies(),
    deliveryBuckets: ledger.deliveryBuckets(),
    points: ledger.points,
    errors: ledger.errors(),
    lag: { ...lag, busiestWorker, cores: toolCores(usages), toolWasLimit },
    serverProcess: serverProcess(facts.serverPid, ledger, usages),
  };
}

function toolCores({ from, to }: Usages): number {
  if (from === undefined || to === undefined || to.atMs <= from.atMs) return 0;
  return (to.toolCpuSeconds - from.toolCpuSeconds) / ((to.atMs - from.atMs) / 1000);
}

function serverProcess(pid: number | undefined, ledger: Ledger, usages: Usages): ServerProcess | undefined {
  const { before, seated, from, to } = usages;
  if (pid === undefined || from?.serverCpuSeconds === undefined || to?.serverCpuSeconds === undefined) return undefined;
  if (before.serverRss === undefined || seated.serverRss === undefined || to.serverRss === undefined) return undefined;
  const cpuSeconds = to.serverCpuSeconds - from.serverCpuSeconds;
  const { deliveries, seated: clients } = ledger.counts();
  return {
    pid,
    cores: cpuSeconds / ((to.atMs - from.atMs) / 1000),
    cpuMicrosPerDelivery: deliveries === 0 ? 0 : (cpuSeconds / deliveries) * 1e6,
    rss: { before: before.serverRss, seated: seated.serverRss, end: to.serverRss },
    bytesPerClient: clients === 0 ? 0 : (seated.serverRss - before.serverRss) / clients,
  };
}
