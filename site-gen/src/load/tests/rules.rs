//! What it means: values that fit their types and contradict each other, or that nothing answers to.

use super::check;
use crate::kinds::Kind;

#[test]
fn values_that_contradict_each_other_or_nothing_answers_to() {
    check(&[
        (
            "an end before its start",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 13:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n---\n",
            &["5:8 end_before_start 结束时间不晚于开始时间（2026-12-05 14:00） → 改成开始之后的时间，如 `end: 2026-12-05 16:00`"],
        ),
        (
            "registration without seats, closing late, opening later",
            Kind::Activity,
            "---\ntitle: 下午茶\n{event}  registration:\n    id: T1\n    deadline: 2026-12-06\n    opens: 2026-12-07\n    party_limit: 5\n    firm_limit: 0\n---\n",
            &[
                "10:3 no_seats 开放报名，却一个名额也没有 → 在 `registration:` 下面写上名额，如 `onsite_seats: 60`；不需要报名的，删掉整段 `registration:`",
                "11:9 bad_session_id 场次编号只能用小写字母、数字和连字符：`T1` → 写成 `id: t1`",
                "12:15 deadline_after_start 报名截止晚于活动开始（2026-12-05 14:00） → 改成开始或更早的时间，如 `deadline: 2026-12-05 14:00`",
                "13:12 opens_after_deadline 报名开始不早于报名截止（2026-12-06 00:00），没有人能报名 → 改早一些；发布后就能报名的，删掉这一行",
                "14:18 bad_number 一次报名的人数是 1 到 3，不能是 5 → 写 `party_limit: 1`、`2` 或 `3`；人多的企业可以分几次报",
                "15:17 bad_number 每家企业 0 人，没有人能报名 → 写 1 或更大的数；不写就按 `data/limits.yaml`",
            ],
        ),
        (
            "seats that the way of attending has not",
            Kind::Activity,
            "---\ntitle: 下午茶\n{event}  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 10\n    online_seats: 3\n    onsite_reserved: 11\n---\n",
            &[
                "14:19 seats_and_attendance 形式不包括线上，却有线上名额 3 个 → 删掉这一行；线上也办的，写 `attendance: both`（只办线上写 `online`）",
                "15:22 reserved_over_seats 现场已占 11 个，多于名额 10 个 → 写 10 或更小的数，或者增加名额",
            ],
        ),
        (
            "both ways, seats for one",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: both\n  audience: 企业负责人\n  contact: 工商联\n  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 10\n---\n",
            &[
                "10:3 seats_and_attendance 形式包括线上，线上却没有名额 → 在 `registration:` 下面写 `online_seats:` 加名额数；不办线上的，改 `attendance`",
            ],
        ),
        (
            "cancelled without a word",
            Kind::Activity,
            "---\ntitle: 下午茶\n{event}  status: cancelled\n---\n",
            &[
                "10:11 ?no_status_note 活动取消了，却没有告诉读者的话 → 在 `event:` 下面加一行 `status_note: 因场地原因取消，已报名的企业由工作人员逐一电话告知`",
            ],
        ),
        (
            "a policy out of order",
            Kind::Policy,
            "---\ntitle: 办法\nissuer: 国务院\nvalidity: repealed\naudience: 企业\nchecked: 2025-01-01\nissued: 2026-01-01\neffective: 2025-01-01\npoints: [a, b, c, d]\n---\n",
            &[
                "4:11 ?no_replacement 已废止，却没有写新文件在哪里 → 有新文件的加一行 `replaced_by: /policies/新文件.md`",
                "6:10 ?checked_long_ago 上次核对是 2025-01-01，已经超过一年 → 核对内容之后改成 `checked: 2026-11-24`",
                "8:12 effective_before_issued 施行日期早于公布日期（2026-01-01） → 核对原文；自公布之日起施行的写 `effective: 2026-01-01`",
                "9:19 too_many_points 要点最多三条，现在有 4 条 → 留下读者最该知道的三条，其余写进正文",
            ],
        ),
        (
            "a policy past its time, checked tomorrow",
            Kind::Policy,
            "---\ntitle: 办法\nissuer: 国务院\nvalidity: current\naudience: 企业\nchecked: 2026-11-25\nuntil: 2026-10-31\n---\n",
            &[
                "6:10 checked_in_future 核对日期 2026-11-25 还没有到 → 写真正核对的那一天，如 `checked: 2026-11-24`",
                "7:8 ?past_validity 有效期到 2026-10-31 为止，却仍写着现行 → 核对是否延期：延期的改 `until`，到期的改成 `validity: repealed`",
            ],
        ),
        (
            "expiry before publication",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026-01-02\nexpires: 2026-01-01\nupdated: 2026-01-01\n---\n",
            &[
                "4:10 expires_before_date 撤下时间不晚于发布时间（2026-01-02 00:00），页面永远不会出现 → 把 `expires` 改到 `date` 之后；不需要自动撤下就删掉这一行",
            ],
        ),
        (
            "an update before publication",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026-01-02\nupdated: 2026-01-01\n---\n",
            &["4:10 updated_before_date 修改时间早于发布时间（2026-01-02 00:00） → 两个时间对调，或者删掉 `updated`"],
        ),
        (
            "names that there are not",
            Kind::Page,
            "---\ntitle: 关于\nform: appael\ntemplate: bord.html\naliases: [old]\n---\n",
            &[
                "3:7 unknown_form 没有叫 `appael` 的表单 → 表单声明在 `content/forms/` 里，现在一个也没有",
                "4:11 unknown_template 主题里没有叫 `bord.html` 的模板 → 是不是想写 `template: board.html`？",
                "5:11 bad_alias 旧网址应当以 `/` 开头、不含空格：`old` → 写成 `/old`",
            ],
        ),
        (
            "a course without hours",
            Kind::Course,
            "---\ntitle: 课\nhours: 0\n{event}---\n",
            &["3:8 bad_number 课时应当大于 0、不超过 200，现在是 0 → 写课时数，如 `hours: 2.5`；说不准就删掉这一行"],
        ),
        (
            "a stand-in is not judged",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 十二月\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 多\n---\n",
            &[
                "4:10 bad_date `start`（开始时间）不是日期或时间：`十二月` → 写成年-月-日的样子，如 `start: 2026-12-05 14:00`",
                "13:19 bad_number `onsite_seats`（现场名额）不是整数：`多` → 写阿拉伯数字，如 `onsite_seats: 100`",
            ],
        ),
    ]);
}
