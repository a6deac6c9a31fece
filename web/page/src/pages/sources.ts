import { stub } from "./stub";

export const sources = stub("sources", "Sources");
