use vpo_plugin_sdk::{
    about::Description,
    facts::Facts,
    policy,
    types::{Node, Problem},
};
struct T;
impl policy::Manifest for T {
    fn describe() -> Description {
        Description {
            name: "tracks".into(),
            version: "0.1.0".into(),
            summary: String::new(),
            licence: String::new(),
            options: vec![],
        }
    }
    fn check(_o: Vec<Node>) -> Vec<Problem> {
        vec![]
    }
}
impl policy::Guest for T {
    fn evaluate(_o: Vec<Node>, _c: policy::Context, _f: Facts) -> Result<policy::Verdict, policy::Failure> {
        Err(policy::Failure::Unsupported("x".into()))
    }
}
#[cfg(target_family = "wasm")]
vpo_plugin_sdk::export_policy!(T);
