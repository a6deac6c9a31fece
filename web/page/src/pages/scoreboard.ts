import { stub } from "./stub";

export const scoreboard = stub("scoreboard", "Scoreboard");
