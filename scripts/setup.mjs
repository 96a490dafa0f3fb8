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

const needed = [
  { command: "gcc", packages: ["gcc", "libc6-dev"], what: "host compiler" },
  { command: "avr-gcc", packages: ["gcc-avr", "avr-libc"], what: "AVR compiler (ATtiny, Uno)" },
];

/**
 * 32-bit boards; about 195 MB to download and 1.3 GB on disk together (Debian 12). picolibc-riscv64-unknown-elf (115 MB, 1 GB on disk) is
 * left out: only float programs on RISC-V that call expf, tanhf or logf need it.
 */
const further = [
  { command: "arm-none-eabi-gcc", packages: ["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"], what: "Cortex-M compiler, 97 MB" },
  { command: "qemu-system-arm", packages: ["qemu-system-arm"], what: "Cortex-M emulator, 13 MB" },
  { command: "riscv64-unknown-elf-gcc", packages: ["gcc-riscv64-unknown-elf"], what: "RISC-V compiler, 40 MB" },
  { command: "qemu-system-riscv32", packages: ["qemu-system-misc"], what: "RISC-V emulator, 46 MB" },
];

const isDebian = () => existsSync("/etc/os-release") && /\b(debian|ubuntu)\b/i.test(readFileSync("/etc/os-release", "utf8"));

/** Asks for root only through sudo, and only where we are not root; without either nothing can be installed. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return works("sudo") ? ["sudo"] : null;
}

/** Null when all went well, else why not. */
function aptInstall(missing) {
  const packages = missing.flatMap((p) => p.packages);
  if (platform() !== "linux" || !isDebian() || !works("apt-get")) return "this is no Debian or Ubuntu system with apt-get";
  const prefix = rootPrefix();
  if (prefix === null) return "this user is not root, and there is no sudo";
  say(`Installing ${packages.join(" ")} from the distribution${prefix.length > 0 ? " through sudo" : ""}.`);
  const [command, ...rest] = [...prefix, "apt-get"];
  const apt = (...args) => run(command, [...rest, ...args]);
  if (!apt("update")) return "apt-get update failed";
  return apt("install", "-y", "--no-install-recommends", ...packages) ? null : "apt-get install failed";
}

function installCompilers() {
  const missing = needed.filter((p) => !works(p.command));
  if (missing.length > 0) {
    const packages = missing.flatMap((p) => p.packages).join(" ");
    say(`Missing: ${missing.map((p) => `${p.command} (${p.what})`).join(", ")}.`);
    const problem = aptInstall(missing);
    if (problem?.startsWith("apt-get")) stop(`Could not install ${packages}: install them by hand and try again.`);
    if (problem !== null) say(`Not installed: ${problem}. Install ${packages} (Debian names) with your system's package manager; until then those boards are skipped.`);
  }
  const absent = further.filter((p) => !works(p.command));
  if (absent.length === 0 || process.env.COINCELL_SETUP === "small") return;
  say(`Missing for the 32-bit boards: ${absent.map((p) => `${p.command} (${p.what})`).join(", ")}. COINCELL_SETUP=small leaves them away.`);
  const problem = aptInstall(absent);
  if (problem !== null) say(`Not installed: ${problem}. The AVR boards and this computer work without; boards that need ${absent.map((p) => p.command).join(", ")} are skipped. To add them: apt-get install ${absent.flatMap((p) => p.packages).join(" ")}`);
}

checkNode();
installPackages();
installCompilers();
if (!run("node", ["scripts/build.mjs", "--if-stale"])) stop("The build failed: see above.");
