import { BUSY_LIMIT } from '../../../cli/load/report/busy-limit.ts';

/** How busy this process, in which all the clients are, has been since this was made. */
export class DriverLoad {
  readonly #before = performance.eventLoopUtilization();

  /** In words, with a warning where the clients were what was slow. */
  get words(): string {
    const { utilization } = performance.eventLoopUtilization(this.#before);
    const limit =
      utilization < BUSY_LIMIT ? '' : ', too much for one core: they were what was slow, and not the server alone';
    return `the clients were at work ${(100 * utilization).toFixed(0)} % of the time${limit}`;
  }
}
