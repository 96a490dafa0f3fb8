/** The program `coincell`: arguments in, exit status out. It imports nothing that a verb needs. */
import { main } from "./dispatch.js";
import { processIo } from "./io.js";

// A reader that closes the pipe early (`| head`) is no failure.
process.stdout.on("error", (e: NodeJS.ErrnoException) => { process.exit(e.code === "EPIPE" ? 0 : 1); });

process.exitCode = await main(process.argv.slice(2), processIo());
