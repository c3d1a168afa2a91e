/**
 * A reporter of Stryker that keeps each mutant as soon as it is tested: what is known when the time
 * is up, is told. Loaded by Stryker by its address, so that script and reporter share `tested`.
 */

/** Mutants tested so far, as Stryker tells them. */
export const tested = [];

class Recorder {
  onMutantTested(result) {
    tested.push(result);
    if (process.stderr.isTTY) process.stderr.write(`\r${tested.length} mutants tested`);
  }
}

export const strykerPlugins = [{ kind: "Reporter", name: "aftershock", injectableClass: Recorder }];
