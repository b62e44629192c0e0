// Runs before any script of the page: what was done with the camera, and whether it was dark at every new screen.
(() => {
  const seen = { touched: 0, asked: 0, streams: [], liveAtSwap: [], swaps: 0 };
  window.__camera = seen;
  const devices = Object.getOwnPropertyDescriptor(Navigator.prototype, "mediaDevices");
  Object.defineProperty(Navigator.prototype, "mediaDevices", {
    ...devices,
    get() {
      seen.touched += 1;
      return devices.get.call(this);
    },
  });
  const ask = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    seen.asked += 1;
    const stream = await ask.call(this, constraints);
    seen.streams.push(stream);
    return stream;
  };
  seen.live = () => seen.streams.flatMap((stream) => stream.getTracks()).filter((t) => t.readyState === "live").length;
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "screen") return;
    seen.swaps += 1;
    seen.liveAtSwap.push(seen.live());
  });
})();
