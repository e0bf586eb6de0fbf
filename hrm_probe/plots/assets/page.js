"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const config = { responsive: true, displayModeBar: false };
  const phone = () => window.matchMedia("(max-width: 760px)").matches;
  const hold = (layout) => {   // touch scrolls the page, not the axes
    for (const name of Object.keys(layout)) if (/^[xy]axis/.test(name)) layout[name].fixedrange = true;
    return layout;
  };

  for (const [id, figure] of Object.entries(data.figures))
    Plotly.newPlot(id, figure.data, hold(figure.layout), config);

  const root = document.getElementById("explorer");
  if (!root || !data.stories.length) return;
  const find = (name) => document.getElementById(name);
  const pick = find("pick"), slide = find("slide"), said = find("said"), board = find("board");
  let story = data.stories[0], segment = 1, timer = null;

  function drawBoard() {
    const now = story.predictions[segment - 1], before = segment > 1 ? story.predictions[segment - 2] : now;
    const side = data.box[0] * data.box[1];
    board.style.gridTemplate = `repeat(${side}, 1fr) / repeat(${side}, 1fr)`;
    board.replaceChildren(...now.map((token, cell) => {
      const square = document.createElement("span"), row = Math.floor(cell / side), column = cell % side;
      square.textContent = token > 1 ? token - 1 : "";
      square.classList.toggle("given", story.tokens[cell] > 1);
      square.classList.toggle("wrong", token !== story.answers[cell]);
      square.classList.toggle("changed", token !== before[cell]);
      square.classList.toggle("right-edge", column % data.box[1] === data.box[1] - 1 && column < side - 1);
      square.classList.toggle("bottom-edge", row % data.box[0] === data.box[0] - 1 && row < side - 1);
      return square;
    }));
    const wrong = now.filter((token, cell) => token !== story.answers[cell]).length;
    const moved = now.filter((token, cell) => token !== before[cell]).length;
    const jump = story.jump ? (segment < story.jump ? `The jump comes at segment ${story.jump}.`
      : segment === story.jump ? "This is the jump." : `The jump was at segment ${story.jump}.`) : "";
    find("state").textContent = `${wrong ? wrong + " wrong" : "Solved"}. ` +
      (segment > 1 ? `${moved} changed since segment ${segment - 1}. ` : "First answer. ") + jump;
    board.setAttribute("aria-label", `the board after segment ${segment}, ${wrong} cells wrong`);
  }

  function curve() {
    const x = story.loss.map((_, i) => i + 1);
    const traces = [
      { x, y: story.loss, name: "loss", mode: "lines+markers", line: { color: "#0072B2", width: 2 }, marker: { size: 5 },
        hovertemplate: "segment %{x}: loss %{y:.2f}<extra></extra>" },
      { x, y: story.displacement, name: "movement of the state", mode: "lines", yaxis: "y2",
        line: { color: "#6B6B6B", width: 1.5, dash: "dot" }, hovertemplate: "segment %{x}: moved %{y:.2f}<extra></extra>" },
      { x: [segment], y: [story.loss[segment - 1]], mode: "markers", showlegend: false, hoverinfo: "skip",
        marker: { size: 13, color: "#E69F00", line: { color: "#1A1A1A", width: 2 } } },
    ];
    const axis = { gridcolor: "#D9D9D9", zeroline: false, rangemode: "tozero", fixedrange: true };
    const layout = Object.assign({}, data.layout, {
      height: phone() ? 190 : 400, margin: { l: 48, r: 34, t: 26, b: phone() ? 36 : 44 },
      legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: { size: 12 } },
      xaxis: Object.assign({}, axis, { title: { text: "segment", standoff: 4 }, dtick: x.length > 8 ? 4 : 1, tick0: 0, range: [0.5, x.length + 0.5] }),
      yaxis: Object.assign({}, axis, { title: { text: "loss", standoff: 4 } }),
      yaxis2: { overlaying: "y", side: "right", showgrid: false, zeroline: false, rangemode: "tozero", fixedrange: true, tickmode: "auto", nticks: 5, tickformat: ".2~f", tickfont: { color: "#6B6B6B" } },
      shapes: story.jump ? [{ type: "line", x0: story.jump - 0.5, x1: story.jump - 0.5, yref: "paper", y0: 0, y1: 1, line: { width: 1, dash: "dot" } }] : [],
    });
    Plotly.react("curve", traces, layout, config);
  }

  function plane() {
    const figure = story.plane, at = story.path && story.path[segment];
    if (!figure) { Plotly.purge("plane"); find("plane").textContent = ""; return; }
    const here = { x: [at[0]], y: [at[1]], mode: "markers", showlegend: false, hoverinfo: "skip",
      marker: { size: 14, color: "#E69F00", line: { color: "#1A1A1A", width: 2 } } };
    const layout = hold(Object.assign({}, figure.layout, { height: phone() ? 330 : 400 }));
    layout.margin = phone() ? { l: 46, r: 6, t: 26, b: 40 } : { l: 56, r: 10, t: 26, b: 44 };
    layout.legend = { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: { size: 12 } };
    Plotly.react("plane", figure.data.concat([here]), layout, config);
  }

  function show() {
    slide.value = segment;
    said.textContent = `segment ${segment}`;
    drawBoard();
    // Only the markers move while the puzzle stays the same.
    Plotly.restyle("curve", { x: [[segment]], y: [[story.loss[segment - 1]]] }, [2]);
    if (story.plane) {
      const at = story.path[segment];
      Plotly.restyle("plane", { x: [[at[0]]], y: [[at[1]]] }, [story.plane.data.length]);
    }
  }

  function choose(index) {
    story = data.stories[index];
    segment = Math.min(segment, story.loss.length);
    slide.max = story.loss.length;
    find("why").textContent = story.note;
    curve();
    plane();
    show();
  }

  function stop() { clearInterval(timer); timer = null; find("play").textContent = "Play"; }

  pick.addEventListener("change", () => { stop(); segment = 1; choose(Number(pick.value)); });
  slide.addEventListener("input", () => { stop(); segment = Number(slide.value); show(); });
  find("play").addEventListener("click", () => {
    if (timer) return stop();
    find("play").textContent = "Pause";
    if (segment >= story.loss.length) segment = 0;
    timer = setInterval(() => {
      if (segment >= story.loss.length) return stop();
      segment += 1;
      show();
    }, 500);
  });
  choose(0);
})();
