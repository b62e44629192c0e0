"""Whatever shape a camera's picture has, what is sent of it is its middle, never stretched."""

from typing import Any

import pytest
from tests.journeys.conftest import OpenTill

# A white disc in the middle of a video of that size; how wide and high it is in what is sent, in pixels.
MEASURE = """async ([width, height]) => {
  const isIt = (one) => /ui\\/camera\\b.*\\.js/.test(one.name);
  const address = performance.getEntriesByType("resource").find(isIt).name;
  const { frameTaker } = await import(address);
  const drawn = document.createElement("canvas");
  [drawn.width, drawn.height] = [width, height];
  const pen = drawn.getContext("2d");
  const draw = () => {
    pen.fillStyle = "black"; pen.fillRect(0, 0, width, height);
    pen.fillStyle = "white"; pen.beginPath();
    pen.arc(width / 2, height / 2, Math.min(width, height) / 4, 0, 7); pen.fill();
  };
  const video = document.createElement("video");
  video.muted = true; video.srcObject = drawn.captureStream(30);
  const timer = setInterval(draw, 30);
  await video.play();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const picture = await createImageBitmap(await frameTaker(video, 0.9)());
  clearInterval(timer);
  const read = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  read.drawImage(picture, 0, 0);
  const { data } = read.getImageData(0, 0, picture.width, picture.height);
  const white = (x, y) => data[4 * (y * picture.width + x)] > 128;
  let across = 0, down = 0;
  for (let x = 0; x < picture.width; x += 1) across += white(x, picture.height / 2);
  for (let y = 0; y < picture.height; y += 1) down += white(picture.width / 2, y);
  return [picture.width, picture.height, across, down];
}"""


@pytest.mark.parametrize("shape", [(360, 640), (640, 360), (480, 480), (640, 480), (1280, 400)])
def test_a_disc_stays_round(open_till: OpenTill, shape: tuple[int, int]) -> None:
    till = open_till()
    measured: list[Any] = till.page.evaluate(MEASURE, list(shape))
    assert measured[:2] == [640, 480]
    across, down = measured[2:]
    assert across > 50
    assert abs(across - down) <= 4
