//! How heavy a component would be to compile, counted in its bytes before anything is compiled.
//!
//! A component of a thousand bytes can ask for millions of instances, by components that instantiate one another twice
//! each; and code takes a hundred times its size while it is compiled. What is counted here is what that grows with.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef, Instance,
    Parser, Payload,
};

/// Functions of a component, all modules together. The Python interpreter has a third of it.
const FUNCTIONS_MAX: u64 = 60_000;

/// Bytes of the code of one function. The largest of any interpreter has a fifth of it.
const FUNCTION_MAX: u64 = 1 << 20;

/// Instances, of modules and components, once every component is instantiated as often as is asked for.
const INSTANCES_MAX: u64 = 1000;

/// Components that lie in each other. Toolchains leave two; composed ones a few more.
const DEPTH_MAX: usize = 16;

/// A component whose end was not reached yet.
#[derive(Default)]
struct Open {
    /// What each component of its index space leads to when it is instantiated; absent when that is not known here.
    components: Vec<Option<u64>>,
    instances: u64,
}

/// Says what of a component is more than any honest one has, or nothing.
pub(super) fn too_much(bytes: &[u8]) -> wasmparser::Result<Option<String>> {
    let mut open: Vec<Open> = Vec::new();
    let mut modules = 0_usize;
    let mut functions = 0_u64;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding: wasmparser::Encoding::Component, .. } => {
                if open.len() == DEPTH_MAX {
                    return Ok(Some(format!("components lie in each other more than {DEPTH_MAX} deep")));
                }
                open.push(Open::default());
            }
            Payload::Version { encoding: wasmparser::Encoding::Module, .. } => modules += 1,
            Payload::End(_) if modules > 0 => modules -= 1,
            Payload::End(_) => {
                let Some(closed) = open.pop() else { break };
                if let Some(around) = open.last_mut() {
                    around.components.push(Some(closed.instances.saturating_add(1)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                functions += 1;
                let size = body.range().len() as u64;
                if size > FUNCTION_MAX {
                    return Ok(Some(format!("one function has {size} bytes of code, and {FUNCTION_MAX} are taken")));
                }
                if functions > FUNCTIONS_MAX {
                    return Ok(Some(format!("it has more than {FUNCTIONS_MAX} functions")));
                }
            }
            payload if modules == 0 => {
                if let Some(unknown) = count(&payload, &mut open)? {
                    return Ok(Some(unknown));
                }
            }
            _ => {}
        }
        if let Some(now) = open.last().filter(|now| now.instances > INSTANCES_MAX) {
            return Ok(Some(format!("it leads to {} instances or more, and {INSTANCES_MAX} are taken", now.instances)));
        }
    }
    Ok(None)
}

/// Adds what one section asks for to the innermost open component.
fn count(payload: &Payload<'_>, open: &mut [Open]) -> wasmparser::Result<Option<String>> {
    let Some(innermost) = open.len().checked_sub(1) else { return Ok(None) };
    match payload {
        Payload::InstanceSection(section) => {
            for instance in section.clone() {
                if matches!(instance?, Instance::Instantiate { .. }) {
                    open[innermost].instances += 1;
                }
            }
        }
        Payload::ComponentInstanceSection(section) => {
            for instance in section.clone() {
                let ComponentInstance::Instantiate { component_index, .. } = instance? else { continue };
                let leads_to = open[innermost].components.get(component_index as usize).copied().flatten();
                let Some(leads_to) = leads_to else {
                    return Ok(Some("it instantiates a component that it does not contain".to_owned()));
                };
                open[innermost].instances = open[innermost].instances.saturating_add(leads_to);
            }
        }
        Payload::ComponentAliasSection(section) => {
            for alias in section.clone() {
                let known = match alias? {
                    ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => innermost
                        .checked_sub(count as usize)
                        .and_then(|outer| open[outer].components.get(index as usize).copied().flatten()),
                    ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => None,
                    _ => continue,
                };
                open[innermost].components.push(known);
            }
        }
        Payload::ComponentImportSection(section) => {
            for import in section.clone() {
                if matches!(import?.ty, ComponentTypeRef::Component(_)) {
                    open[innermost].components.push(None);
                }
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section.clone() {
                let export = export?;
                // What is exported gets a second index.
                if export.kind == ComponentExternalKind::Component {
                    let same = open[innermost].components.get(export.index as usize).copied().flatten();
                    open[innermost].components.push(same);
                }
            }
        }
        _ => {}
    }
    Ok(None)
}
