// Joins plugin.js to vpo: a mistake in it ends the call, and what it says goes to the log first. Nothing to change here.

import * as log from "vpo:plugin/log@0.1.0";
import * as plugin from "./plugin.js";

// What is thrown with a `tag` is an answer of the contract, such as { tag: "refused", val: "why" }; all else is a mistake.
function telling(func) {
  return (...given) => {
    try {
      const answer = func(...given);
      if (answer === undefined) throw new Error("a function of the contract returned nothing");
      return answer;
    } catch (thrown) {
      if (thrown?.tag === undefined) log.write("error", `${thrown}\n${thrown?.stack ?? ""}`.trim(), []);
      throw thrown;
    }
  };
}

// Every function of an interface. They are called as functions of their interface, so that `this` is what it was.
function told(contract) {
  const names = Object.keys(contract);
  return Object.fromEntries(names.map((name) => [name, telling((...given) => contract[name](...given))]));
}

export const manifest = told(plugin.manifest);
export const {{kind}} = told(plugin.{{kind}});

// The same file is to be judged the same tomorrow, so there is neither chance nor a clock.
function missing(what) {
  return () => {
    throw new Error(`a plugin has no ${what}`);
  };
}

Math.random = missing("random numbers");
Date.now = missing("clock; a policy finds the date in context.today");
globalThis.Date = new Proxy(Date, {
  apply: Date.now,
  construct: (date, given) => (given.length === 0 ? date.now() : new date(...given)),
});
