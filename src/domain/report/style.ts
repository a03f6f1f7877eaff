/** The look of the HTML report: light, calm, the same on paper. */
export const style = `
:root{--ink:#1d2733;--soft:#5b6775;--line:#dfe4ea;--faint:#f5f7f9;--good:#2f7d5b;--warn:#b4500f;--except:#8a6d1a;--past:#6c8299;--link:#1f5f99}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#fff;color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:68rem;margin:0 auto;padding:2.5rem 2rem 4rem}
a{color:var(--link);text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}
h1{font-size:2rem;line-height:1.2;margin:.2rem 0 .6rem;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:1.35rem;line-height:1.3;margin:3rem 0 1rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1rem;line-height:1.4;margin:1.6rem 0 .5rem;overflow-wrap:anywhere}
.kind{color:var(--soft);font-size:.9rem;letter-spacing:.02em;margin:0}
.headline{font-size:1.2rem;line-height:1.4;margin:1.2rem 0;padding:.8rem 1.1rem;border-left:4px solid var(--good);background:#eff6f2}
.headline.open{border-color:var(--warn);background:#fdf3ec}
.about{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:1.2rem 0;font-size:.92rem}
.about dt{color:var(--soft)}
.about dd{margin:0;overflow-wrap:anywhere;unicode-bidi:isolate}
.states{display:grid;grid-template-columns:repeat(5,1fr);gap:.8rem;margin:1.4rem 0 .6rem;padding:0;list-style:none}
.states li{border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}
.states b{display:block;font-size:1.55rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
.states span{color:var(--soft);font-size:.85rem}
.dead b{color:var(--good)}.excepted b{color:var(--except)}.replaced b{color:var(--past)}.outstanding b{color:var(--warn)}
.zero b{color:var(--soft);font-weight:400}
.bar{display:block;width:100%;height:.6rem;border-radius:3px}
.bar .dead{fill:var(--good)}.bar .excepted{fill:var(--except)}.bar .replaced{fill:var(--past)}.bar .outstanding{fill:var(--warn)}.bar .none{fill:var(--line)}
nav ol{columns:2;column-gap:2.5rem;margin:0;padding-left:1.9rem}
nav li{break-inside:avoid;padding:.1rem 0}
nav ol.letters{list-style-type:upper-alpha;margin-top:.6rem}
.fact{display:grid;grid-template-columns:minmax(0,1fr) 11rem;gap:0 2rem;margin:0 0 .9rem}
.fact p{margin:0;overflow-wrap:anywhere;unicode-bidi:plaintext}
.fact .at{color:var(--soft);font-size:.88rem;white-space:nowrap}
.fact .basis{display:block;color:var(--soft);font-size:.85rem}
.cites{color:var(--soft);font-size:.85rem;font-variant-numeric:tabular-nums;padding-top:.12rem;overflow-wrap:anywhere}
.table{overflow-x:auto;margin:0 0 .4rem;outline-offset:2px;background:linear-gradient(to right,#fff 30%,#fff0) 0 0/3rem 100% no-repeat local,linear-gradient(to left,#fff 30%,#fff0) 100% 0/3rem 100% no-repeat local,linear-gradient(to right,#1d273326,#1d273300) 0 0/.8rem 100% no-repeat scroll,linear-gradient(to left,#1d273326,#1d273300) 100% 0/.8rem 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:.88rem;line-height:1.4}
th,td{text-align:left;vertical-align:top;padding:.38rem .8rem .38rem 0;border-bottom:1px solid var(--line);unicode-bidi:isolate}
th{color:var(--soft);font-weight:600;white-space:nowrap;border-bottom-color:#b9c3ce}
td{min-width:4.5rem;overflow-wrap:anywhere}
td.time,td.code{white-space:nowrap;min-width:0}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;min-width:0;padding-right:1.4rem}
td.time,td.entry{font-variant-numeric:tabular-nums}
td.name{min-width:9rem}
td.name:first-child{min-width:16rem}
td.text{min-width:6rem}
td.entry,th.entry{text-align:right;padding-right:0;color:var(--soft);min-width:3rem}
td.unknown{color:var(--soft);font-style:italic}
.table+.fact,.table+.note+.fact{margin-top:1.3rem}
.note{color:var(--soft);font-size:.85rem;margin:0 0 1.2rem}
pre{background:var(--faint);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;margin:0 0 1.2rem;font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
h3 .cites{font-weight:400;margin-left:.4rem}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
@media (max-width:720px){
main{padding:1.4rem 1rem 3rem}
h1{font-size:1.55rem}
h2{margin-top:2.2rem}
.states{grid-template-columns:repeat(2,1fr)}
.states li:first-child{grid-column:1/-1}
.about{grid-template-columns:1fr;gap:0}
.about dd{margin-bottom:.5rem}
nav ol{columns:1}
.fact{grid-template-columns:minmax(0,1fr);margin-bottom:1.1rem}
table{font-size:.82rem}
th,td{padding-right:.6rem}
td.name:first-child{min-width:9rem}
th{white-space:normal}
}
@page{size:A4;margin:18mm 16mm 20mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt system-ui,sans-serif;color:#5b6775}}
@media print{
html{font-size:10pt}
body{font-size:1rem}
main{max-width:none;padding:0}
h1{font-size:20pt}
h2{font-size:14pt;margin-top:10mm;break-after:avoid}
h3{font-size:10pt;break-after:avoid}
h2.page{break-before:page;border-top:0;margin-top:0;padding-top:0}
a{color:inherit}
.states,.headline,.fact,tr{break-inside:avoid}
.states{grid-template-columns:repeat(5,1fr)}
.states li:first-child{grid-column:auto}
.fact{grid-template-columns:minmax(0,1fr) 30mm;gap:0 6mm}
nav ol{columns:2}
.table{overflow:visible;background:none}
table{font-size:8pt}
thead{display:table-header-group}
th{white-space:normal}
td{min-width:0}
td.name{min-width:26mm}
td.name:first-child{min-width:46mm}
td.text{min-width:15mm}
th,td{padding:.22rem 2mm .22rem 0}
td.number,th.number{padding-right:3mm}
td.entry,th.entry{padding-right:0}
pre{font-size:7.5pt}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
