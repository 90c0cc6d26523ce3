/** Share of its time at work from which on a worker has nothing left to take more than it is given. */
export const BUSY_LIMIT = 0.9;
