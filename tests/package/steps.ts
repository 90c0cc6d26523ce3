/** Steps taken one after another, a line each. */
export class Steps {
  #passed = 0;
  #failed = 0;

  /** @returns what the step results in. @throws when it fails: the next ones build on it. */
  async take<T>(name: string, step: () => T | Promise<T>): Promise<T> {
    try {
      const result = await step();
      this.#passed += 1;
      console.log(`ok     ${name}`);
      return result;
    } catch (error) {
      this.#failed += 1;
      console.log(`FAILED ${name}`);
      throw error;
    }
  }

  /** The last line, and what the program ends with. */
  conclude(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 ? 0 : 1;
  }
}
