/**
 * The one style sheet. Colours of verdicts are Okabe and Ito's, which people with any colour vision
 * tell apart (https://jfly.uni-koeln.de/color/), and each verdict has a sign and its word as well.
 * Without this sheet (in some mail programs) the pages are plain documents in the right order.
 */
export const STYLE = `
:root{color-scheme:light dark;
--bg:#f4f6f8;--card:#fff;--ink:#17212b;--muted:#566473;--line:#dde3ea;--soft:#eef1f5;--accent:#0b5cad;--accent-soft:#e5effa;
--bad-bg:#fdeee6;--bad-line:#d55e00;--good-bg:#e4f5ef;--good-line:#009e73;--warn-bg:#fdf3dc;--warn-line:#b97f00;
--v-steady:#00855f;--v-transient:#2b8fd0;--v-slow-recovery:#b97f00;--v-persistent:#c94f00;--v-unresolved:#b0578e;--v-inconclusive:#6b7885;
--early:#56b4e9;--late:#e69f00;--shadow:0 1px 2px rgba(20,30,40,.06),0 1px 8px rgba(20,30,40,.04)}
@media (prefers-color-scheme:dark){:root{
--bg:#0e141a;--card:#161e27;--ink:#e4eaf0;--muted:#9aa8b6;--line:#2a3642;--soft:#1d2731;--accent:#74b5f2;--accent-soft:#172a3d;
--bad-bg:#2c1b12;--bad-line:#f08a45;--good-bg:#11281f;--good-line:#35c39b;--warn-bg:#2a2210;--warn-line:#e6ad3c;
--v-steady:#35c39b;--v-transient:#6cc0f2;--v-slow-recovery:#e6ad3c;--v-persistent:#f08a45;--v-unresolved:#dd8fbe;--v-inconclusive:#97a4b1;
--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#f4f6f8;background:var(--bg);color:#17212b;color:var(--ink);
font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","DejaVu Sans",sans-serif}
a{color:#0b5cad;color:var(--accent);text-decoration:none}a:hover,a:focus-visible,p a,li a,dd a,td a{text-decoration:underline;text-underline-offset:2px;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}ul,ol{list-style:none}
h1{font-size:1.65rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.05rem;line-height:1.35;font-weight:650}h3{font-size:.98rem;font-weight:620;line-height:1.4}
code,kbd{font:.87em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.wrap{max-width:1220px;margin:0 auto;padding:0 20px}
.top{background:var(--card);border-bottom:1px solid var(--line)}
.top .wrap{display:flex;flex-wrap:wrap;align-items:center;gap:6px 22px;padding-top:10px;padding-bottom:10px}
.brand{display:inline-flex;align-items:center;gap:9px;font-weight:680;font-size:1.05rem;letter-spacing:-.01em;color:var(--ink)}
.brand:hover{text-decoration:none}.brand svg{display:block;width:34px;height:22px;color:var(--bad-line)}
.nav{display:flex;gap:4px;margin-right:auto}
.nav a{padding:5px 11px;border-radius:7px;color:var(--muted)}.nav a:hover{background:var(--soft);text-decoration:none}
.nav a[aria-current]{color:var(--ink);background:var(--soft);font-weight:600}
.where{display:flex;align-items:center;gap:10px;color:var(--muted);font-size:.9rem}
.mode{display:inline-flex;align-items:center;gap:6px;padding:2px 10px;border-radius:99px;border:1px solid var(--line);font-size:.82rem;font-weight:600;color:var(--ink);white-space:nowrap}
.refresh{white-space:nowrap}.refresh[data-live]:before{content:"● ";font-size:.8em}
.mode-inject{border-color:var(--bad-line);background:var(--bad-bg)}.mode-sham{border-color:var(--accent);background:var(--accent-soft)}
.banner{border-bottom:1px solid var(--line)}.banner .wrap{padding-top:11px;padding-bottom:11px}
.banner b{margin-right:3px}.banner-bad{background:var(--bad-bg);border-bottom:2px solid var(--bad-line)}
.banner-warn{background:var(--warn-bg);border-bottom:2px solid var(--warn-line)}
main{display:block;padding:26px 0 48px}
.lead{color:var(--muted);max-width:75ch;margin-top:6px}
.crumbs{color:var(--muted);font-size:.88rem;margin-bottom:8px}
.stack{display:grid;gap:18px;grid-template-columns:minmax(0,1fr)}
.cols{display:grid;gap:18px;grid-template-columns:minmax(0,1.9fr) minmax(0,1fr);align-items:start}
.card{background:#fff;background:var(--card);border:1px solid #dde3ea;border-color:var(--line);border-radius:12px;padding:18px 20px;overflow-x:auto;box-shadow:var(--shadow)}
.card>h2{margin-bottom:12px}.card>h2 small{font-weight:400;color:var(--muted);font-size:.86rem;margin-left:8px}
.card-bad{border-left:4px solid var(--bad-line)}.card-good{border-left:4px solid var(--good-line)}
.tiles{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(170px,1fr))}
.tile{background:#fff;background:var(--card);border:1px solid #dde3ea;border-color:var(--line);border-radius:12px;padding:14px 18px;box-shadow:var(--shadow)}
.tile .k{color:var(--muted);font-size:.84rem}.tile .n{font-size:1.7rem;font-weight:640;letter-spacing:-.02em;line-height:1.25;font-variant-numeric:tabular-nums}
.tile .n small{font-size:.95rem;font-weight:500;color:var(--muted);letter-spacing:0}.tile .s{color:var(--muted);font-size:.84rem;line-height:1.4}
.elsewhere{display:inline-flex;flex-wrap:wrap;gap:2px 10px;font-size:.86rem;font-weight:400}.elsewhere a:after{content:" ↗"}
.term{color:inherit;text-decoration:underline dotted;text-underline-offset:3px}.bar{display:flex;height:8px;border-radius:5px;overflow:hidden;background:var(--line);margin:9px 0 7px}.bar i{display:block;height:100%}
.b-good{background:var(--v-steady)}.b-bad{background:var(--v-persistent)}.b-unknown{background:var(--line)}
.pill{display:inline-flex;align-items:center;gap:6px;padding:1px 10px 1px 8px;border-radius:99px;font-size:.83rem;font-weight:600;white-space:nowrap;border:1px solid var(--v,var(--line));color:var(--ink)}
.pill i{font-style:normal;color:var(--v,var(--muted));font-size:.9em}
.v-steady{--v:var(--v-steady)}.v-transient{--v:var(--v-transient)}.v-slow-recovery{--v:var(--v-slow-recovery)}.v-persistent{--v:var(--v-persistent)}
.v-unresolved{--v:var(--v-unresolved)}.v-inconclusive{--v:var(--v-inconclusive)}.v-none{--v:var(--line)}
.tag{display:inline-block;padding:0 8px;border-radius:5px;background:var(--soft);color:var(--muted);font-size:.8rem;font-weight:600;white-space:nowrap}
.tag-confirmed{background:var(--bad-bg);color:var(--bad-line)}.tag-untested,.tag-unclear{background:var(--warn-bg);color:var(--ink)}.tag-refuted{background:var(--good-bg);color:var(--ink)}
.tag-new,.tag-regressed{background:var(--bad-bg);color:var(--bad-line)}.tag-fixed{background:var(--good-bg);color:var(--good-line)}
@media (prefers-color-scheme:light){.tag-new,.tag-regressed,.tag-confirmed{color:#a34000}.tag-fixed{color:#00664a}}
table{width:100%;border-collapse:collapse;font-size:.92rem}
th{font-size:.8rem;font-weight:600;color:var(--muted);text-align:left;padding:0 14px 7px 0;border-bottom:1px solid var(--line);vertical-align:bottom}
td{padding:9px 14px 9px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child>td{border-bottom:0;padding-bottom:2px}
th:last-child,td:last-child{padding-right:0}td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.svcname{white-space:nowrap}.nm{white-space:nowrap}.nw{white-space:nowrap}.sub{color:var(--muted);font-size:.88em}.small{font-size:.88rem}.muted{color:var(--muted)}.empty{color:var(--muted)}
.rows>li{padding:10px 0;border-bottom:1px solid var(--line)}.rows>li:last-child{border-bottom:0;padding-bottom:0}.rows>li:first-child{padding-top:0}
.line{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:baseline}
.cmd{display:block;margin:9px 0;padding:9px 12px;border-radius:8px;background:var(--soft);border:1px solid var(--line);overflow-wrap:anywhere;white-space:pre-wrap}
.cmd b{font-family:inherit;color:var(--muted);font-weight:600;margin-right:4px;-webkit-user-select:none;user-select:none}
.bul{margin-top:6px}.bul>li{position:relative;padding-left:16px;margin-top:4px}.bul>li:before{content:"";position:absolute;left:3px;top:.62em;width:5px;height:5px;border-radius:9px;background:var(--muted)}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 18px;font-size:.93rem}.facts dt{color:var(--muted)}.facts dd{overflow-wrap:anywhere}
.charts{display:grid;gap:12px 18px;grid-template-columns:repeat(3,minmax(0,1fr))}
.chart figcaption{font-size:.86rem;font-weight:600;margin-bottom:2px}.chart svg{display:block;width:100%;height:auto;max-width:430px;font-family:inherit}
.svc{margin-top:20px}.svc:first-of-type{margin-top:0}.svc h3{margin-bottom:8px}
.impact{margin-bottom:18px}.time{margin-top:12px}.time svg{display:block;width:100%;height:70px;font-family:inherit}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;color:var(--muted);font-size:.84rem;margin-top:10px}.legend>span>i:empty{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.l-band{background:var(--muted);opacity:.45}.l-early{background:var(--early);opacity:.5}.l-late{background:var(--late);opacity:.5}
.label{color:var(--muted);font-size:.88em;font-weight:600;margin-top:10px}.label+.bul{margin-top:2px}
details{margin-top:10px}details>table{margin-top:10px}summary{color:var(--muted);font-size:.88em;font-weight:600;cursor:pointer}
.finding+.finding{margin-top:18px;padding-top:18px;border-top:1px solid var(--line)}.finding h3{margin-bottom:4px}
.log{font-size:.9rem}.log li{display:grid;grid-template-columns:76px minmax(0,1fr);gap:12px;padding:5px 0}.log time{color:var(--muted);font-variant-numeric:tabular-nums}
.legend+table{margin-top:16px}.card>.bul,.card>table+.bul{margin-top:12px}.narrow{max-width:640px}
.wide svg{display:block;width:100%;height:auto;max-width:760px;font-family:inherit}
.filter{display:flex;flex-wrap:wrap;gap:10px 14px;align-items:end;font-size:.9rem}.filter label{display:grid;gap:3px;color:var(--muted)}
.filter .check{display:flex;align-items:center;gap:6px;padding-bottom:6px}.filter+table,.filter+.empty{margin-top:16px}
input,select,button{font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--muted);border-radius:7px;padding:5px 9px;max-width:100%}
button{background:var(--accent-soft);font-weight:600;cursor:pointer}.folded{margin-top:12px}
.pager{display:flex;gap:14px;margin-top:14px;padding-top:12px;border-top:1px solid var(--line);color:var(--muted)}
.map{overflow-x:auto}.map svg{display:block;max-width:none;font-family:inherit}.v-hit{--v:var(--accent)}
.map .box{fill:var(--card);stroke:var(--v,var(--line));stroke-width:2}.map .v-none .box,.map .v-steady .box{stroke-width:1.4}.map .v-hit .box{fill:var(--accent-soft)}.map .v-persistent .box{fill:var(--bad-bg)}
.map .name{font-size:12.5px;font-weight:600;fill:var(--ink)}.map .below{font-size:11px;fill:var(--muted)}.map .sign{font-size:13px;fill:var(--v,var(--muted))}
.map .call{fill:none;stroke:var(--muted);stroke-width:1.2}.map .tcp{stroke-dasharray:5 4}.map .tip{fill:var(--muted)}.map a:focus-visible .box{stroke:var(--accent);stroke-width:3}
footer{color:var(--muted);font-size:.84rem;border-top:1px solid var(--line);padding:16px 0 30px}
footer .wrap{display:flex;flex-wrap:wrap;gap:4px 18px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:6px 10px;z-index:2}
@media (max-width:920px){.cols{grid-template-columns:minmax(0,1fr)}.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.charts{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media (max-width:640px){.nm,.svcname{white-space:normal}body{font-size:15px}.wrap{padding:0 14px}main{padding:18px 0 32px}h1{font-size:1.35rem}.card{padding:15px 15px}.tiles{gap:10px}.tile{padding:11px 13px}.tile .n{font-size:1.35rem}
.charts{grid-template-columns:minmax(0,1fr)}.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-bottom:8px}
.top .wrap{gap:8px 14px}.nav{order:3;width:100%;margin:0;flex-wrap:wrap}.nav a{padding:4px 8px}.where{margin-left:auto}
table.fold,table.fold tbody,table.fold tr,table.fold td{display:block;width:100%}table.fold thead{position:absolute;left:-9999px}
table.fold tr{padding:11px 0;border-bottom:1px solid var(--line)}table.fold tr:first-child{padding-top:0}table.fold tr:last-child{border-bottom:0;padding-bottom:0}
table.fold td{border:0;padding:1px 0;text-align:left}table.fold td.num{text-align:left}table.fold td:empty{display:none}
table.fold td[data-k]:before{content:attr(data-k) " ";color:var(--muted);font-size:.88em}}
@page{size:A4;margin:12mm}
@media print{.details,.refresh{display:none}body{font-size:10px;line-height:1.3}.page1 .card{padding:6px 10px;border-width:1px}.page1{gap:6px}body{background:#fff}.top,.banner,footer{display:none}.card,.tile{box-shadow:none;break-inside:avoid}}
`.trim();
