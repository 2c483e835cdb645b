//! What only policies say: for whom they are, whether they are in force, where they stand and how they are claimed.

use domain::time::DateSchema;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 政策的效力。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// 现行
    Current,
    /// 已修改
    Amended,
    /// 已废止
    Repealed,
}

/// 一条政策适用于谁、管什么事。不写的一项就是不限；产业链写在 `chains` 里。
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// 行业：只适用于哪些行业。
    #[serde(default)]
    pub industries: Vec<Industry>,
    /// 规模：只适用于多大的企业。
    #[serde(default)]
    pub sizes: Vec<Size>,
    /// 需求：能解决哪一类事，写 `data/categories.yaml` 里的值，如 `[taxes, finance]`。
    #[serde(default)]
    pub needs: Vec<String>,
}

/// 行业，按国民经济行业的门类归并。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Industry {
    /// 农林牧渔
    Agriculture,
    /// 采矿、制造和水电气
    Manufacturing,
    /// 建筑
    Construction,
    /// 批发零售
    Trade,
    /// 住宿餐饮
    Hospitality,
    /// 交通运输和仓储
    Transport,
    /// 信息技术
    Software,
    /// 科研和技术服务
    Research,
    /// 商务、居民和其他服务
    Services,
}

/// 企业规模；个体工商户另算一类，许多政策单独对它说话。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// 个体工商户
    Individual,
    /// 微型企业
    Micro,
    /// 小型企业
    Small,
    /// 中型企业
    Medium,
    /// 大型企业
    Large,
}

/// 政策原文在哪里。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// 来源名称：如 中国政府网。
    pub name: String,
    /// 网址。
    #[serde(default)]
    pub url: Option<String>,
}

/// 办理的一步。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimStep {
    /// 步骤：一句话。
    pub what: String,
    /// 补充说明。
    #[serde(default)]
    pub detail: Option<String>,
}

/// 一项政策的一次变化。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// 日期：这次变化的日期。
    #[schemars(with = "DateSchema")]
    pub date: Date,
    /// 变化：一句话，如 修订公布、修订后施行。
    pub what: String,
}
