//! Writes what is made of the contract: `make contract` writes its page, `contract release` keeps its form for good.

use std::fs;

use vpo_tests::contract::Contract;
use vpo_tests::workspace;

fn main() {
    let contract = Contract::read(&workspace().join("wit"));
    let page = workspace().join("docs/contract.md");
    fs::write(&page, contract.page()).expect("docs/ is writable");
    println!("{} is written", page.display());
    if std::env::args().nth(1).as_deref() == Some("release") {
        let version = contract.version();
        let version = version.rsplit('@').next().expect("a package has a version");
        let form = workspace().join(format!("tests/fixtures/contract-{version}.txt"));
        assert!(!form.exists(), "{} is there: what was released is never written again", form.display());
        fs::write(&form, contract.normal_form()).expect("tests/fixtures is writable");
        println!("{} is written", form.display());
    }
}
