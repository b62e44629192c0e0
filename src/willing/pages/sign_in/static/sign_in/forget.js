// Whoever sees this page is not signed in here: no names of pupils stay on the device (ui/held_registers.js).

import { eraseNames } from "../ui/held_registers.js";

await eraseNames();
