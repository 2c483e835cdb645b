// Parses scripts by the standards of one year after the other, and prints as JSON the first year by which each is well formed and every name in it.
// Arguments: files. A file that is a script in no year gives `{ "error": … }`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The parser lies where `tests/run` has installed it.
const acorn = createRequire(`${process.env.CHECKERS}/package.json`)("acorn");
const YEARS = [2009, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025];

const read = (file) => {
  const text = readFileSync(file, "utf8");
  for (const year of YEARS) {
    try {
      const tokens = [];
      acorn.parse(text, { ecmaVersion: year === 2009 ? 5 : year, onToken: tokens });
      const names = tokens.filter((token) => token.type.label === "name").map((token) => token.value);
      return { year, names: [...new Set(names)] };
    } catch {
      // A later year may know it.
    }
  }
  return { error: "not well formed" };
};
process.stdout.write(JSON.stringify(process.argv.slice(2).map(read)));
