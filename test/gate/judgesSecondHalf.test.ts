import { searchHalf } from "./agreement.ts";

searchHalf();
