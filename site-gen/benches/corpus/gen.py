#!/usr/bin/env python3
"""Deterministic Chinese corpus for comparing build speed on equal work.
usage: gen.py N OUTDIR      -> OUTDIR/hugo (a whole Hugo site), OUTDIR/neutral (the same pages, plain YAML front matter) and
                               OUTDIR/ours (a whole site of ours: the same pages, front matter mapped to our kinds)

The Hugo site writes one HTML page per document, lists of 20 a page for each of four sections and 40 tags, one RSS feed,
sitemap.xml, robots.txt and 404.html: 10,000 documents make 12,063 HTML pages. Whoever compares must
write as many pages from `neutral` (front matter mapped to the kinds of the engine under test) with templates of the same shape.
"""
import base64, os, random, shutil, sys, datetime as dt
from pathlib import Path

HERE = Path(__file__).resolve().parent
JPEG = base64.b64decode(  # 480 x 320, a colour ramp
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+P"
    "j4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAFAAeADASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAEEBf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/"
    "xAAZAQEBAQEBAQAAAAAAAAAAAAABAAMFAgT/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwDkij7XlFAEFEkUEQURRQBBRFFBIFAQFRQURAVJBQEBUUFEQFRQUCAVFBREBUUFAQFSQU"
    "RAUFBREBUUFEgFBQURAVFgUG7jgoiigECiKKCIKAooIgokAqKCgICooKJAKigoCAqKCiICpIKAgKigoiAoKCiQCooKIgKCgoiAqSCiICgoKIsIo3cdFBEFAkUEQURRQRBQEASBREARBQEBUkFEQFRQ"
    "UBAVFBRIBQUFEQFRQURAUJBREBUUFEQFBQUSAVFBREBQWBQbuOCiKKCQKAooIgoiigiCgQCooKIgKigoEAqKCiICgoKIgKkgoiAoKCiICooKJAKCgoiAqKCiIChIKIgKigoCwijdx0UEQUSRQRBQFF"
    "BEFEUUEgUBAVFBREBUUFAgFRQURAUFBRIBUUFEQFBQURAVJBREBQUFEQFRQUCAVFBREBUWBQbuOCgKKCQKIooIgoCigiCiSKCIKAgKigoiAoSCiICooKIgKEgoiAqKCiICgoKJAKigoiAoKCiICpIK"
    "AgKigoiwijdx0UEQUCRQRBRFFBEFAUUEgURAAQURAVFBRIBQUFEQFRQUSAUFBREBUUFEQFCQURAVFBQEBUUFEgFRQUBAVFgUG7jgoiigkCgKKCIKIooAgokigiCiICgoKIgKkgoiAoKCiICpIKIgKC"
    "goiAqKCgQCooKIgKigoCAqSCiICooKAsIo3cdFBEFEkUAQURRQRBRFFAIFEUUEQURAUFBRIBUUFEQFBQURAVJBQEBUUFEQFSQUBAVFBREBUUFAgFRQURAVFgUG7jgoCigkCiKKAIKIooIgokigCCiK"
    "KCIKIgKEgoiAqKCgICpIKIgKigoCAqKCiQCooKAgKigoiAqSCgICooKIsIo3cdFAEFEkUEQURRQBBRFFBIFEUUAQURAEQUSAUFBREBUUFAQFSQURAVFBQEBUkFEQFRQUBAVFBRIBUUFAQFRYFBu44K"
    "IooBAoiigiCiKKAIKJIoIgoiiigoKIgKkgoCAqKCiICpIKAgKigoiAqKCgQCooKIgKigoCAqSCiICgoKIsIo3cdFBEFEkUAQURRQRBRFFAIFEUUEQUBAEQUSAVFBQEBUUFEQFSQUBAVFBREBUkFAQF"
    "RQURAUFBRIBUUFEQFBYFBu44KIooJAoiigCCiKKCIKBIoIgoiigiCgICpIKIgKigoCAqKCiQCooKAgKigokAoKCiICooKIgKEgoiAqKCiLCKN3HRQBBRJFBEFAUUEQURRQSBQFFBEFEQBEFAgFRQUR"
    "AVFBQEBUkFEQFRQUBAVJBREBQUFEQFRQUSAUFBREBUWBQbuOCiKKAQKIooIgoCigiCiSKCIKAooIgoiAqSCgICooKIgKigoEAqKCiICgoKJAKigoiAoKCiICpIKIgKCgoiwijdx0UEQUCRQRBRFFBE"
    "FAUUEgURRQRBQFFBEFEgFRQUBAVFBREBQkFEQFRQURAUJBREBUUFEQFBQUSAVFBREBQWBQbuOCiKKCQKAooIgoiigiCgSKCIKIooIgoCigkCiICgoKIgKigokAoKCiICooKIgKEgoiAqKCiIChIKIg"
    "KigoCwijdx0UEQUSRQRBQFFBEFEUUEgUBRQRBRFFAEFEgBEFEQFBQURAVJBREBQUFEQFRQUSAUFBREBUUFEgFBQURAVFgUG7jgoCigkCiKKCIKAooIgokigiCgKKCIKIooBAoiAqKCiICgoKJAKigo"
    "iAoKCiICpIKIgKCgoiAqSCgICooKIv/Z"
)
SECTIONS = [("activities", "活动", 40), ("courses", "课程", 20), ("policies", "政策", 20), ("news", "新闻", 20)]
TAGS = ("营商环境 数字化转型 跨境电商 税收优惠 人才引进 知识产权 绿色制造 供应链金融 新能源 智能制造 专精特新 出口退税 "
        "用工合规 社保新政 融资对接 产业园区 法律服务 青年企业家 女企业家 会员走访 招商引资 展会参展 品牌建设 安全生产 "
        "碳达峰 乡村振兴 外贸订单 物流降本 直播带货 财务管理 领导力 市场营销 项目申报 高新认定 技术改造 标准制定 "
        "公益慈善 党建引领 商事调解 行业自律").split()
assert len(TAGS) == 40 and len(set(TAGS)) == 40
CATS = "通知公告 行业动态 会员服务 政策解读 培训教育 交流合作 党建工作 统计数据".split()
CITY = "临江 青浦 云岭 海宁 松山 锦阳 安平 龙泉".split()
WHO = "商会秘书处 区工商联 市发展改革委 区税务局 市商务局 区人社局 会员企业代表 行业专家委员会 合作银行 高校研究团队".split()
VERB = "组织开展了 联合举办了 持续推进 重点部署 认真研究 专题调研 集中解读 现场答疑 逐项落实 跟踪评估".split()
OBJ = ("中小企业数字化转型诊断 跨境电商综合试验区配套服务 首台（套）重大技术装备补贴申报 研发费用加计扣除专题辅导 "
       "供应链上下游融资对接 知识产权质押贷款试点 外贸订单保险与汇率避险培训 用工合规与劳动争议预防 绿色工厂与节能改造 "
       "青年企业家接班人培养计划 行业标准与团体标准制定 会员企业走访与问题清单销号 园区闲置厂房供需对接 数据出境安全评估辅导").split()
RESULT = ("进一步降低了企业的制度性交易成本 为企业纾困解难提供了清晰路径 有效打通了政策落地的“最后一公里” 获得参会企业的一致好评 "
          "形成了可复制、可推广的经验做法 推动产业链上下游实现协同发展 帮助企业稳住了订单、稳住了预期 初步建立起常态化沟通机制").split()
ADV = "近日 本季度以来 今年上半年 根据年度工作计划 按照上级统一部署 结合会员企业实际需求 在前期调研的基础上 经理事会审议通过".split()
HEAD = "背景与目的 主要内容 参加对象 时间与地点 报名方式 费用说明 办理流程 注意事项 政策要点 适用范围 专家观点 下一步安排 数据概览 常见问题".split()
COLS = ["项目", "标准", "时限", "责任部门"]
NAMES = "王建国 李慧敏 陈志远 赵雅琴 刘明轩 周海燕 吴俊峰 郑秋菊".split()

def sent(r):
    n = r.randint(8, 960)
    tail = r.choice(["", f"，共有{n}家企业参与", f"，涉及资金{n}万元", f"，同比增长{n % 37 + 1}.{n % 10}%", f"（详见第{n % 9 + 1}号文件）"])
    return f"{r.choice(ADV)}，{r.choice(CITY)}{r.choice(WHO)}{r.choice(VERB)}{r.choice(OBJ)}{tail}，{r.choice(RESULT)}。"

def para(r, lo=2, hi=4):
    return "".join(sent(r) for _ in range(r.randint(lo, hi)))

def body(r, sec, i, n):
    out = [para(r), ""]
    heads = r.sample(HEAD, r.randint(3, 4))
    link = lambda: "/{}/{}/".format(*ref(r.randrange(n), n))
    out += [f"## {heads[0]}", "", para(r, 1, 3) + f"相关背景可参阅[{r.choice(OBJ)}]({link()})，或访问[市政务服务网](https://www.example.gov.cn/item/{r.randint(1000, 9999)}?from=chamber)。[^1]", ""]
    out += [f"![{r.choice(OBJ)}现场照片](/images/photo-{r.randint(1, 12):02d}.jpg)", ""]
    out += [f"## {heads[1]}", ""]
    for k in range(r.randint(3, 5)):
        out.append(f"- **{r.choice(HEAD)}**：{r.choice(WHO)}{r.choice(VERB)}{r.choice(OBJ)}；")
    out += ["", f"### {r.choice(HEAD)}明细", "", "| " + " | ".join(COLS) + " |", "| --- | --- | ---: | --- |"]
    for k in range(r.randint(3, 5)):
        out.append(f"| {r.choice(OBJ)} | 每户不超过{r.randint(1, 300)}万元 | {r.randint(3, 60)}个工作日 | {r.choice(WHO)} |")
    out += ["", f"## {heads[2]}", ""]
    for k in range(r.randint(3, 4)):
        out.append(f"{k + 1}. {sent(r)}")
    if len(heads) > 3:
        out += ["", f"## {heads[3]}", "", "> " + para(r, 1, 2), "", para(r, 1, 2) + f"咨询请致电 `0571-{r.randint(80000000, 89999999)}`，联系人{r.choice(NAMES)}。"]
    out += ["", f"[^1]: 资料来源：{r.choice(CITY)}{r.choice(WHO)}，{r.randint(2023, 2026)}年第{r.randint(1, 52)}期。", ""]
    return "\n".join(out)

def sec_of(i, n):
    x = (i * 100) // n
    acc = 0
    for s, zh, w in SECTIONS:
        acc += w
        if x < acc: return s
    return SECTIONS[-1][0]

def ref(i, n):
    s = sec_of(i, n)
    return s, f"{s[0]}-{i:05d}"

def q(s): return '"' + s.replace('\\', '\\\\').replace('"', '\\"') + '"'

def page(i, n):
    r = random.Random(f"chamber-{i}")
    s, slug = ref(i, n)
    d = dt.datetime(2023, 1, 1, 9, 0) + dt.timedelta(minutes=r.randrange(0, 1390 * 1440, 5))
    f = {"title": f"{r.choice(CITY)}{r.choice(['商会', '工商联', '企业家联合会'])}{r.choice(VERB).rstrip('了')}{r.choice(OBJ)}（{d.year}年第{i}号）",
         "date": d.strftime("%Y-%m-%dT%H:%M:00+08:00"), "tags": r.sample(TAGS, 3), "categories": [r.choice(CATS)], "summary": sent(r)}
    x = {}
    if s == "activities":
        st = d + dt.timedelta(days=r.randint(7, 30))
        x = {"start": st.strftime("%Y-%m-%dT14:00:00+08:00"), "end": st.strftime("%Y-%m-%dT17:30:00+08:00"), "venue": f"{r.choice(CITY)}会展中心{r.randint(1, 8)}号厅", "capacity": r.randint(20, 300)}
    elif s == "courses":
        x = {"teacher": r.choice(NAMES), "hours": r.randint(4, 48), "fee": r.randint(0, 30) * 100}
    elif s == "policies":
        x = {"doc_no": f"{r.choice(CITY)}政发〔{d.year}〕{r.randint(1, 200)}号", "issuer": r.choice(WHO), "effective": (d + dt.timedelta(days=30)).strftime("%Y-%m-%d")}
    else:
        x = {"source": r.choice(WHO)}
    return s, slug, f, x, body(r, s, i, n)

def lst(v): return "[" + ", ".join(q(t) for t in v) + "]"
def ex(x, ind=""): return "".join(f"{ind}{k}: {q(v) if isinstance(v, str) else v}\n" for k, v in x.items())

def fm_neutral(f, x, weightless=True):
    return f"---\ntitle: {q(f['title'])}\ndate: {f['date']}\ntags: {lst(f['tags'])}\ncategories: {lst(f['categories'])}\nsummary: {q(f['summary'])}\n{ex(x)}---\n\n"

def fm_ours(s, f, x):
    """Activities and courses are events, policies are policies, news are pages; a category is one more chain of words in `author`."""
    head = f"---\ntitle: {q(f['title'])}\ndate: {f['date']}\ntags: {lst(f['tags'])}\nauthor: {q(f['categories'][0])}\nsummary: {q(f['summary'])}\n"
    if s == "activities":
        head += f"event:\n  start: {x['start']}\n  end: {x['end']}\n  place: {q(x['venue'])}\n  attendance: onsite\n  audience: {x['capacity']} 人\n  contact: 商会秘书处\n"
    elif s == "courses":
        day = dt.datetime.fromisoformat(f["date"]) + dt.timedelta(days=14)
        head += f"event:\n  start: {day:%Y-%m-%d} 14:00\n  end: {day:%Y-%m-%d} 17:00\n  place: 商会培训室\n  attendance: onsite\n  audience: 会员企业\n  fee: {x['fee']} 元\n  contact: 商会秘书处\nhours: {x['hours']}\nspeakers:\n  - name: {q(x['teacher'])}\n"
    elif s == "policies":
        head += f"issuer: {q(x['issuer'])}\nnumber: {q(x['doc_no'])}\neffective: {x['effective']}\nvalidity: current\naudience: 会员企业\nchecked: 2026-11-20\n"
    else:
        head += f"source: {q(x['source'])}\n"
    return head + "---\n\n"

def main():
    n, out = int(sys.argv[1]), Path(sys.argv[2])
    if out.exists(): shutil.rmtree(out)
    for e in ("hugo", "neutral", "ours"):
        shutil.copytree(HERE / e, out / e) if (HERE / e).exists() else (out / e).mkdir(parents=True)
        for s, zh, _ in SECTIONS: (out / e / "content" / s).mkdir(parents=True, exist_ok=True)
        st = out / e / ("content/static" if e == "ours" else "static"); (st / "images").mkdir(parents=True, exist_ok=True)
        for k in range(1, 13): (st / "images" / f"photo-{k:02d}.jpg").write_bytes(JPEG)
        (st / "style.css").write_text("body{font-family:sans-serif;max-width:60rem;margin:auto}\n" * 20)
    for s, zh, _ in SECTIONS:
        (out / "hugo/content" / s / "_index.md").write_text(f'---\ntitle: "{zh}"\n---\n')
        (out / "neutral/content" / s / "_index.md").write_text(f'---\ntitle: "{zh}"\n---\n')
        kind = {"activities": "activity", "courses": "course", "policies": "policy", "news": "page"}[s]
        (out / "ours/content" / s / "_index.md").write_text(f'---\ntitle: "{zh}"\npages: {kind}\n---\n')
    (out / "ours/content/_index.md").write_text('---\ntitle: "首页"\n---\n')
    (out / "hugo/content/_index.md").write_text('---\ntitle: "首页"\n---\n')
    (out / "neutral/content/_index.md").write_text('---\ntitle: "首页"\n---\n')
    tot = 0; cnt = {}
    for i in range(n):
        s, slug, f, x, b = page(i, n)
        tot += len(b.encode()); cnt[s] = cnt.get(s, 0) + 1
        h = fm_neutral(f, x) + b
        (out / "ours/content" / s / f"{slug}.md").write_text(fm_ours(s, f, x) + b)
        for e in ("hugo", "neutral"): (out / e / "content" / s / f"{slug}.md").write_text(h)
    print(f"{n} pages {cnt}, body bytes {tot}, mean {tot / n:.0f}")
main()
