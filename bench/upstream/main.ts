import { createUpstream } from "./create-upstream.ts";

/* Start the fake REST API. Argument: the port. */

createUpstream().listen(Number(process.argv[2]), "127.0.0.1");
