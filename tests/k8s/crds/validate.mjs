// Holds objects against the schemas that their kinds' packages carry. Prints [number, problem] pairs as JSON.
import { readFileSync } from "node:fs";

const problems = [];
const things = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const [number, { module, kind, thing }] of things.entries()) {
  const model = new (await import(module))[kind](thing);
  try {
    model.validate();
  } catch (error) {
    problems.push([number, error.message]);
  }
}
console.log(JSON.stringify(problems));
