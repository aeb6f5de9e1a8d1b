(function () {
  "use strict";
  var inside = parent !== window;
  function colours() {
    var theme = null;
    try { theme = localStorage.getItem("theme"); } catch (error) { return; }
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }
  if (inside) { colours(); addEventListener("storage", colours); }

  // Airflow's own pages open outside of the frame, which may not open windows by itself.
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-airflow]");
    if (!link || !inside) return;
    event.preventDefault();
    var outer = parent.document.createElement("a");
    outer.href = link.href;
    parent.document.body.appendChild(outer);
    outer.click();
    outer.remove();
  });

  var all = document.getElementById("all-thin");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", function () {
      document.querySelectorAll("input[data-wanting]").forEach(function (box) { box.checked = true; });
    });
  }

  var fill = document.getElementById("fill");
  if (!fill || !inside) return;
  var api = fill.dataset.airflow + "/api/v2", dag = "wirecopy_day", stretches = JSON.parse(fill.dataset.stretches);
  var status = document.getElementById("fill-status"), dry = document.getElementById("fill-dry"), go = document.getElementById("fill-go");
  document.getElementById("fill-outside").hidden = true;
  document.getElementById("fill-form").hidden = false;

  function ask(method, path, body) {
    var options = { method: method, credentials: "same-origin", headers: { "Content-Type": "application/json" } };
    if (body) options.body = JSON.stringify(body);
    return parent.fetch(api + path, options).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (found) {
        if (answer.ok) return found;
        var error = new Error(found && typeof found.detail === "string" ? found.detail : "");
        error.status = answer.status;
        throw error;
      });
    });
  }
  function wish(stretch) {
    return {
      dag_id: dag, from_date: stretch[0] + "T00:00:00Z", to_date: stretch[1] + "T00:00:00Z", max_active_runs: 2,
      run_backwards: false, dag_run_conf: {}, reprocess_behavior: fill.querySelector("input[name=which]:checked").value
    };
  }
  function one_by_one(items, step) {
    return items.reduce(function (before, item) { return before.then(function () { return step(item); }); }, Promise.resolve());
  }
  function say(text, state) { status.textContent = text; status.className = state || ""; }
  function fail(error) {
    if (error.status === 401) say("Your session has ended: log in to Airflow again, then press once more.", "bad");
    else if (error.status === 403) say("Airflow refused: your account may not backfill wirecopy_day. Ask an administrator of this Airflow for that right, or hand on the command below.", "bad");
    else if (error.status === 409) say("Airflow runs one backfill of a DAG at a time, and another one of wirecopy_day is open. Press again when it has ended.", "bad");
    else if (error.status === 404) say("This Airflow does not have the DAG wirecopy_day: look whether its dags folder is that of wirecopy.", "bad");
    else say("Airflow did not do it (" + (error.status || "no answer") + (error.message ? ": " + error.message.slice(0, 300) : "") + ").", "bad");
    dry.disabled = false;
  }
  function plural(count) { return count + (count === 1 ? " run" : " runs"); }
  function ended(id) {
    return ask("GET", "/backfills/" + id).then(function (found) {
      if (found.completed_at) return null;
      return new Promise(function (resolve) { setTimeout(resolve, 4000); }).then(function () { return ended(id); });
    });
  }
  fill.addEventListener("change", function () { go.disabled = true; say(""); });
  dry.addEventListener("click", function () {
    var total = 0;
    dry.disabled = go.disabled = true;
    say("Asking Airflow …");
    one_by_one(stretches, function (stretch) {
      return ask("POST", "/backfills/dry_run", wish(stretch)).then(function (found) { total += found.total_entries; });
    }).then(function () {
      dry.disabled = false;
      go.disabled = !total;
      say(total ? "Dry run: " + plural(total) + " would start." : "Dry run: nothing would start, as each of these days has a run. Choose “all of them”.", total ? "good" : "thin");
    }).catch(fail);
  });
  go.addEventListener("click", function () {
    var done = 0, last = null;
    go.disabled = dry.disabled = true;
    say("Starting …");
    ask("GET", "/dags/" + dag).then(function (found) {
      if (found.is_paused) return ask("PATCH", "/dags/" + dag + "?update_mask=is_paused", { is_paused: false });
    }).then(function () {
      return one_by_one(stretches, function (stretch) {
        return (last === null ? Promise.resolve() : ended(last)).then(function () {
          return ask("POST", "/backfills", wish(stretch));
        }).then(function (made) {
          last = made.id;
          done += 1;
          say(done === stretches.length ? "The backfill has started. The calendar shows its articles when its runs have ended."
            : done + " of " + stretches.length + " backfills have started. Keep this page open: the next starts when this one has ended.", "good");
        });
      });
    }).then(function () { dry.disabled = false; }).catch(fail);
  });
})();
