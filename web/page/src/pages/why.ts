import { stub } from "./stub";

export const why = stub("why", "Why");
