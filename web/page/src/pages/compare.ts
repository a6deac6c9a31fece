import { stub } from "./stub";

export const compare = stub("compare", "Compare");
