import { stub } from "./stub";

export const bet = stub("bet", "Bet");
