import { worker } from "workerpool";
import { inspectCompose } from "./inspect.ts";

worker({ inspectCompose });
