package spec

import "slices"

// The incident extensions: a core that a property extension adds to an incident, and three new SDOs. Version 2.0 of the core lists events and
// tasks with their order; a later draft refers to them and keeps the order in the events and tasks themselves. Both are
// read, neither excludes the other, and version 2.0 is what is written. What relationships they may have is not known here: the rows
// have none.
const (
	incidentCoreID   = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
	incidentEventID  = "extension-definition--4ca6de00-5b0d-45ef-a1dc-ea7279ea910e"
	incidentImpactID = "extension-definition--7cc33dd6-f6a1-489b-98ea-522d351d71b9"
	incidentTaskID   = "extension-definition--2074a052-8be4-4932-849e-f5e7798e0030"
)

var incidentCore = &Extension{
	ID: incidentCoreID, Name: "Incident Core", Extends: []string{"incident"}, Types: propertyExtension,
	Members: &Struct{
		ID: 171, Name: "incident-core", Class: Part, Section: "Incident Core",
		Properties: []Property{
			{ID: 32, Name: "determination", Kind: String, Required: true, Vocab: IncidentDetermination},
			{ID: 33, Name: "investigation_status", Kind: String, Required: true, Vocab: IncidentInvestigation},
			{ID: 34, Name: "criticality", Kind: Integer, Range: percent},
			{ID: 35, Name: "detection_methods", Kind: String, List: true, Vocab: DetectionMethods},
			{ID: 36, Name: "events", Kind: Nested, List: true, Struct: eventEntry},
			{ID: 37, Name: "impact_refs", Kind: Identifier, List: true, Refs: types("impact")},
			impactedEntities(38),
			{ID: 39, Name: "incident_types", Kind: String, List: true},
			{ID: 40, Name: "recoverability", Kind: String, Vocab: Recoverability},
			{ID: 41, Name: "scores", Kind: Nested, List: true, Struct: incidentScore},
			{ID: 42, Name: "tasks", Kind: Nested, List: true, Struct: taskEntry},
			{ID: 43, Name: "event_refs", Kind: Identifier, List: true, Refs: types("event")},
			{ID: 44, Name: "task_refs", Kind: Identifier, List: true, Refs: types("task")},
		},
	},
}

var incidentEvent = &Extension{ID: incidentEventID, Name: "Event", Extends: []string{"event"}, Types: newObject, Objects: []*Struct{event}}

var incidentImpact = &Extension{ID: incidentImpactID, Name: "Impact", Extends: []string{"impact"}, Types: newObject, Objects: []*Struct{impact}}

var incidentTask = &Extension{ID: incidentTaskID, Name: "Task", Extends: []string{"task"}, Types: newObject, Objects: []*Struct{task}}

// percent is a scale from nothing to everything.
var percent = &Range{0, 100}

// impactedEntities counts them by type: version 2.0 in a dictionary, the later draft in an object of its own or in a list of them.
func impactedEntities(id uint16) Property {
	return Property{ID: id, Name: "impacted_entity_counts", Kind: Any}
}

// period is when something began and ended, and how exact that is.
func period(startID, endID uint16) []Property {
	return []Property{
		{ID: startID, Name: "start_time", Kind: Timestamp},
		{ID: startID + 1, Name: "start_time_fidelity", Kind: String, Vocab: TimestampFidelity},
		{ID: endID, Name: "end_time", Kind: Timestamp},
		{ID: endID + 1, Name: "end_time_fidelity", Kind: String, Vocab: TimestampFidelity},
	}
}

// byNumber sorts properties into the order of their numbers.
func byNumber(list []Property) []Property {
	slices.SortFunc(list, func(a, b Property) int { return int(a.ID) - int(b.ID) })
	return list
}

var event = &Struct{
	ID: 200, Name: "event", Class: Domain, Section: "Event", Definition: incidentEventID,
	Properties: domainProperties(byNumber(append([]Property{
		{ID: 32, Name: "status", Kind: String, Required: true, Vocab: EventStatus},
		{ID: 33, Name: "changed_objects", Kind: Nested, List: true, Struct: stateChange},
		{ID: 34, Name: "description", Kind: String},
		{ID: 37, Name: "event_types", Kind: String, List: true},
		{ID: 38, Name: "goal", Kind: String},
		{ID: 39, Name: "name", Kind: String},
		{ID: 40, Name: "sighting_refs", Kind: Identifier, List: true, Refs: types("sighting")},
		{ID: 43, Name: "next_event_refs", Kind: Identifier, List: true, Refs: types("event")},
	}, period(41, 35)...))...),
	Rules: domainRules(),
}

var impact = &Struct{
	ID: 201, Name: "impact", Class: Domain, Section: "Impact", Definition: incidentImpactID,
	Properties: domainProperties(byNumber(append([]Property{
		{ID: 32, Name: "impact_category", Kind: String, Required: true},
		{ID: 33, Name: "criticality", Kind: Integer, Range: percent},
		{ID: 34, Name: "description", Kind: String},
		impactedEntities(37),
		{ID: 38, Name: "impacted_refs", Kind: Identifier, List: true},
		{ID: 39, Name: "recoverability", Kind: String, Vocab: Recoverability},
		{ID: 42, Name: "superseded_by_ref", Kind: Identifier, Refs: types("impact")},
		{ID: 43, Name: "sub_impact_refs", Kind: Identifier, List: true, Refs: types("impact")},
	}, period(40, 35)...))...),
	Rules: domainRules(),
}

var task = &Struct{
	ID: 202, Name: "task", Class: Domain, Section: "Task", Definition: incidentTaskID,
	Properties: domainProperties(byNumber(append([]Property{
		{ID: 32, Name: "outcome", Kind: String, Required: true, Vocab: TaskOutcome},
		{ID: 33, Name: "changed_objects", Kind: Nested, List: true, Struct: stateChange},
		{ID: 34, Name: "description", Kind: String},
		{ID: 37, Name: "error", Kind: String},
		impactedEntities(38),
		{ID: 39, Name: "name", Kind: String},
		{ID: 40, Name: "priority", Kind: Integer, Range: percent},
		{ID: 43, Name: "task_types", Kind: String, List: true, Vocab: TaskType},
		{ID: 44, Name: "due_date", Kind: Timestamp},
		{ID: 45, Name: "next_task_refs", Kind: Identifier, List: true, Refs: types("task")},
	}, period(41, 35)...))...),
	Rules: domainRules(),
}
