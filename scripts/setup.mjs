/** Sets up all that `npm run demo` and `npm test` need, and nothing that is there already: npm packages, the build, compilers. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { platform } from "node:os";

const say = (text) => process.stderr.write(`${text}\n`);
const run = (command, args) => spawnSync(command, args, { stdio: ["inherit", 2, 2] }).status === 0;
const works = (command, args = ["--version"]) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

function stop(text) {
  say(text);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
}

/** npm writes its own lock copy into node_modules: when that is as new as ours, everything is installed. */
function installPackages() {
  const mark = "node_modules/.package-lock.json";
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync("package-lock.json").mtimeMs) return;
  say("npm packages: npm ci");
  if (!run("npm", ["ci", "--no-audit", "--no-fund"])) stop("npm ci failed: see above.");
}

const programs = [
  { command: "gcc", packages: ["gcc", "libc6-dev"], what: "host compiler" },
  { command: "avr-gcc", packages: ["gcc-avr", "avr-libc"], what: "AVR compiler (ATtiny, Uno)" },
];

const isDebian = () => existsSync("/etc/os-release") && /\b(debian|ubuntu)\b/i.test(readFileSync("/etc/os-release", "utf8"));

function installCompilers() {
  const missing = programs.filter((p) => !works(p.command));
  if (missing.length === 0) return;
  const packages = missing.flatMap((p) => p.packages);
  const names = missing.map((p) => `${p.command} (${p.what})`).join(", ");
  if (platform() !== "linux" || !isDebian() || !works("apt-get")) {
    say(`Missing: ${names}. Install ${packages.join(" ")} (Debian names) with your system's package manager; until then those boards are skipped.`);
    return;
  }
  const root = process.getuid?.() === 0;
  const prefix = root ? [] : ["sudo"];
  say(`Missing: ${names}. Installing ${packages.join(" ")} from the distribution${root ? "" : " through sudo"}.`);
  const apt = (...args) => run([...prefix, "apt-get"][0], [...prefix, "apt-get"].slice(1).concat(args));
  if (!apt("update") || !apt("install", "-y", "--no-install-recommends", ...packages)) stop(`Could not install ${packages.join(" ")}: install them by hand and try again.`);
}

checkNode();
installPackages();
installCompilers();
if (!run("node", ["scripts/build.mjs", "--if-stale"])) stop("The build failed: see above.");
