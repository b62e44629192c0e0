// Whoever sees this page is not signed in here: no names stay on the device (ui/held_registers.js,
// ui/held_roll_call.js).

import { eraseNames } from "../ui/held_registers.js";
import { eraseList } from "../ui/held_roll_call.js";

await Promise.all([eraseNames(), eraseList(Date.now())]);
