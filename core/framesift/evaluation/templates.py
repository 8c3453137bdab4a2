"""The HTML of the evaluation's sections (jinja2)."""

STYLE = """\
<style>
.evaluation { color: var(--ink, #1c2126); }
.evaluation .wide { overflow-x: auto; }
.evaluation table { border-collapse: collapse; font-size: 14px; }
.evaluation th, .evaluation td { padding: 5px 18px 5px 0; text-align: right;
  border-bottom: 1px solid var(--line, #dde2e6); white-space: nowrap; }
.evaluation th:first-child, .evaluation td:first-child { text-align: left; }
.evaluation th { font-weight: 600; color: var(--soft, #5b6670); }
.evaluation small { color: var(--soft, #5b6670); display: block; }
.evaluation .note { border-left: 3px solid #e69f00; padding-left: 12px; }
.evaluation .curves { display: flex; flex-wrap: wrap; gap: 16px; margin: 16px 0; }
.evaluation .curves img { width: 100%; max-width: 560px; height: auto; background: #fff;
  border: 1px solid var(--line, #dde2e6); border-radius: 8px; }
.evaluation figure { margin: 0; flex: 1 1 380px; }
</style>
"""

EVALUATION = """\
<section class="evaluation">
{{ style }}
<h2>{{ title }}</h2>
{% for note in notes %}
<p class="note">{{ note }}</p>
{% endfor %}
<div class="wide"><table>
<thead><tr><th></th><th>class</th><th>IoU</th><th>miss rate<small>at FPPI = 1</small></th>
<th>log-average miss rate</th><th>labels</th><th>boxes can reach</th><th>frames</th>
<th>mAP</th><th>AP50</th></tr></thead>
<tbody>
{% for name, evaluation in evaluations.items() %}
{% for one in evaluation.results %}
<tr><td>{{ name if loop.first }}</td><td>{{ one.category }}</td><td>{{ one.iou }}</td>
<td>{{ one.miss_rate|percent }}<small>{{ one.miss_rate_interval|between }}</small></td>
<td>{{ one.log_average_miss_rate|percent }}
<small>{{ one.log_average_interval|between }}</small></td>
<td>{{ one.labels }}<small>{{ one.ignored }} ignored</small></td>
<td>{{ one.reachable|percent }}</td><td>{{ evaluation.frames if loop.first }}</td>
{% set own = evaluation.average_precision(one.category) %}
{% set first = loop.previtem is not defined or loop.previtem.category != one.category %}
<td>{% if first and own %}{{ own[0]|percent }}{% endif %}</td>
<td>{% if first and own %}{{ own[1]|percent }}{% endif %}</td>
</tr>
{% endfor %}
{% if evaluation.classes|length > 1 %}
<tr><td></td><td>mean of the classes</td><td>{{ evaluation.headline }}</td>
<td>{{ evaluation.miss_rate()|percent }}</td>
<td>{{ evaluation.log_average_miss_rate()|percent }}</td>
<td>{{ evaluation.labels }}</td><td></td><td></td>
<td>{% if evaluation.coco %}{{ evaluation.coco.map|percent }}{% endif %}</td>
<td>{% if evaluation.coco %}{{ evaluation.coco.ap50|percent }}{% endif %}</td></tr>
{% endif %}
{% endfor %}
</tbody></table></div>
<div class="curves">
{% for text, picture in plots %}
<figure><img src="{{ picture }}"
alt="Miss rate against false positives per image: {{ text }}"></figure>
{% endfor %}
</div>
</section>
"""

COMPARISON = """\
<section class="evaluation">
{{ style }}
<h2>{{ title }}</h2>
<p>{{ totals.newly_found }} label{{ "" if totals.newly_found == 1 else "s" }} newly found,
{{ totals.newly_missed }} newly missed; {{ totals.false_gone }} false
positive{{ "" if totals.false_gone == 1 else "s" }} gone, {{ totals.false_new }} new
(IoU {{ comparison.iou }}, each detector at FPPI = 1).</p>
{% if comparison.left_out %}
<p class="note">{{ comparison.left_out }} frames are left out: they were measured only once, or
their labels have changed in between.</p>
{% endif %}
<div class="wide"><table>
<thead><tr><th>class</th><th>IoU</th><th>figure</th><th>{{ names[0] }}</th>
<th>{{ names[1] }}</th><th>change</th><th>p</th></tr></thead>
<tbody>
{% for one in comparison.differences %}
<tr><td>{{ one.category }}</td><td>{{ one.iou }}</td><td>{{ one.figure|replace("_", " ") }}</td>
<td>{{ one.before|percent }}</td><td>{{ one.after|percent }}</td>
<td>{{ one.change|percent }}<small>{{ one.interval|between }}</small></td>
<td>{{ "" if one.p_value is none else "%.3f"|format(one.p_value) }}</td></tr>
{% endfor %}
</tbody></table></div>
{% if shown %}
<h3>Frames that changed most</h3>
<div class="wide"><table>
<thead><tr><th>video</th><th>frame</th><th>class</th><th>newly found</th><th>newly missed</th>
<th>false positives gone</th><th>new</th></tr></thead>
<tbody>
{% for one in shown %}
<tr><td>{{ one.key[0] }}</td><td>{{ one.key[1] }}</td><td>{{ one.category }}</td>
<td>{{ one.newly_found|length }}</td><td>{{ one.newly_missed|length }}</td>
<td>{{ one.false_gone|length }}</td><td>{{ one.false_new|length }}</td></tr>
{% endfor %}
</tbody></table></div>
{% endif %}
</section>
"""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} · Framesift</title>
<style>
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5b6670; --paper: #f7f8f9;
  --line: #dde2e6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7ebee; --soft: #9aa7b1; --paper: #15191d; --line: #313a41; } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 32px 24px 64px; }
</style>
</head>
<body><main>
<h1>{{ title }}</h1>
{% for section in sections %}
{{ section }}
{% endfor %}
</main></body>
</html>
"""
