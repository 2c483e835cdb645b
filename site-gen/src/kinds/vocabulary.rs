//! What the choices of front matter are called: in files and addresses, and by people.

use super::{Ability, Industry, Library, Size};

macro_rules! vocabulary {
    ($name:ident { $($choice:ident = $id:literal $words:literal),+ $(,)? }) => {
        impl $name {
            /// All of them, in the order in which they are shown.
            pub const ALL: &'static [$name] = &[$($name::$choice),+];

            /// What stands in front matter and in addresses.
            pub fn id(self) -> &'static str {
                match self {
                    $($name::$choice => $id),+
                }
            }

            /// What people read.
            pub fn words(self) -> &'static str {
                match self {
                    $($name::$choice => $words),+
                }
            }
        }
    };
}

vocabulary!(Ability {
    Innovation = "innovation" "创新发展",
    Management = "management" "决策管理",
    Capital = "capital" "资本运作",
    Market = "market" "市场开拓",
    Competitiveness = "competitiveness" "核心竞争",
});

vocabulary!(Industry {
    Agriculture = "agriculture" "农林牧渔",
    Manufacturing = "manufacturing" "采矿、制造和水电气",
    Construction = "construction" "建筑",
    Trade = "trade" "批发零售",
    Hospitality = "hospitality" "住宿餐饮",
    Transport = "transport" "交通运输和仓储",
    Software = "software" "信息技术",
    Research = "research" "科研和技术服务",
    Services = "services" "商务、居民和其他服务",
});

vocabulary!(Size {
    Individual = "individual" "个体工商户",
    Micro = "micro" "微型企业",
    Small = "small" "小型企业",
    Medium = "medium" "中型企业",
    Large = "large" "大型企业",
});

vocabulary!(Library {
    Finance = "finance" "银行金融助企库",
    Research = "research" "高校科研强企库",
    Legal = "legal" "法律援助护企库",
});

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[test]
    fn the_id_of_a_choice_is_what_front_matter_says() {
        fn check<T: Serialize + Copy>(all: &[T], id: fn(T) -> &'static str) {
            for choice in all {
                assert_eq!(serde_json::to_value(choice).expect("a choice is a word"), id(*choice));
            }
        }
        check(Ability::ALL, Ability::id);
        check(Industry::ALL, Industry::id);
        check(Size::ALL, Size::id);
        check(Library::ALL, Library::id);
    }
}
