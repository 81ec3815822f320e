import { searchHalf } from "./search.ts";

searchHalf();
